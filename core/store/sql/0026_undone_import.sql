-- Imports that were taken out again (core/import/undo_import.h). The numbers of their segments are not given again: who
-- reads on from one of them would miss what came later.
CREATE TABLE undone_import (
    run INTEGER PRIMARY KEY REFERENCES import_run,
    last_segment INTEGER NOT NULL
) STRICT;
