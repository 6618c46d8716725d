/* The command families; each row is defined in its cmd_*.c and listed in commands.def. */
#ifndef AFORO_APP_CMD_H
#define AFORO_APP_CMD_H

#include "app/command.h"

#define COMMAND(ident) extern const struct command cmd_##ident;
#include "app/commands.def"
#undef COMMAND

#endif
