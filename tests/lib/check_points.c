/* Check writes a message into a file at every assertion that holds, and reads it again, so that
 * it can say after which one a test crashed. Tests here assert by the million: the first ones
 * of a process are written, then one of 64. An assertion that does not hold tells its place
 * itself. (CHECK_LIBS in configure.ac puts this in front of Check's own.) */
#include <config.h>

#define POINTS_ALL 512
#define POINTS_EVERY 64

void __real__mark_point(const char *file, int line);
void __wrap__mark_point(const char *file, int line);

void __wrap__mark_point(const char *file, int line)
{
    static unsigned long points;
    points++;
    if (points <= POINTS_ALL || points % POINTS_EVERY == 0) {
        __real__mark_point(file, line);
    }
}
