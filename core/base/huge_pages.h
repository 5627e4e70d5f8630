// Huge pages: asks for the program's memory in pages of two megabytes. The detectors look into a gigabyte here and
// there, and most of what a look-up in small pages waits for is the address of the page.
//
// glibc takes this from the environment only, before main (GLIBC_TUNABLES, glibc.malloc.hugetlb), so the program is
// started once more in its place: same process, same arguments, same files. Nothing happens where the variable is set
// by somebody else, in another C library, under a sanitizer, or where the kernel gives no such pages.
#pragma once

namespace riskdesk {

// First thing in main.
void useHugePages(char **argv);

} // namespace riskdesk
