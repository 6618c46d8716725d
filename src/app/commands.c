#include <config.h>

#include "app/cmd.h"

const struct command *const commands[] = {
#define COMMAND(ident) &cmd_##ident,
#include "app/commands.def"
#undef COMMAND
    NULL};
