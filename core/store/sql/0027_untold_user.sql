-- Users who came with an import that was undone and have no sign-in left (core/examine/user_book.h): once what was found of
-- them is withdrawn they go, unless something else tells of them. Here, so that whoever was killed in between leaves the
-- rest to the next one.
CREATE TABLE untold_user (
    user INTEGER PRIMARY KEY REFERENCES user
) STRICT;
