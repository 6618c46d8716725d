/* The model's calls as jobs. */
#ifndef AFORO_UI_MODEL_JOBS_H
#define AFORO_UI_MODEL_JOBS_H

#include "base/arena.h"
#include "ui/job.h"
#include "ui/model.h"
#include "ui/screen.h"

struct login_job {
    struct job job;
    const struct ui_model *model;
    char user[128];     /* "" : unlock for who is logged in */
    char password[512]; /* wiped on free */
    struct ui_login_reply reply;
};

struct status_job {
    struct job job;
    const struct ui_model *model;
    struct ui_status status;
};

struct command_job {
    struct job job;
    const struct ui_model *model;
    struct arena arena; /* holds name and values */
    const char *name;
    struct ui_value values[PARAMS_MAX];
    size_t value_count;
    bool preview;            /* say what it would do, do nothing */
    struct buf consequence;  /* of a preview */
    struct ui_ticket ticket; /* of a run */
};

struct meter_job {
    struct job job;
    const struct ui_model *model;
    int64_t meter;
    struct ui_meter_detail detail;
};

struct file_job {
    struct job job;
    const struct ui_model *model;
    char typed[PATH_TYPED_MAX];
    struct ui_file file;
};

struct pick_job {
    struct job job;
    const struct ui_model *model;
    char command[64], param[48];
    char typed[128];
    struct picks *picks; /* owned until somebody takes it */
};

struct goals_job {
    struct job job;
    const struct ui_model *model;
    const char *list; /* static */
    int64_t id;
    struct list_goal goals[LIST_LINKS_MAX];
    size_t count;
};

struct detail_job {
    struct job job;
    const struct ui_model *model;
    const char *list; /* static */
    int64_t id;
    struct list_detail detail;
};

struct subject_job {
    struct job job;
    const struct ui_model *model;
    int64_t meter;
    struct ui_reading_subject subject;
};

struct check_job {
    struct job job;
    const struct ui_model *model;
    int64_t meter;
    char value[64];
    char when[64];
    struct ui_findings findings;
};

struct undo_job {
    struct job job;
    const struct ui_model *model;
    int64_t entry;
    struct undo undo;
};

struct changed_job {
    struct job job;
    const struct ui_model *model;
    int64_t since;
    struct preset about[CHANGED_ABOUT_MAX]; /* names are static */
    size_t count;
    struct changed changed;
};

struct upkeep_job {
    struct job job;
    const struct ui_model *model;
};

/* Each returns NULL when memory is exhausted. */
struct job *login_job_new(const struct ui_model *m, uint32_t kind, const char *user,
                          const char *password);
/* The password alone, of who is logged in. */
struct job *unlock_job_new(const struct ui_model *m, uint32_t kind, const char *password);
struct job *logout_job_new(const struct ui_model *m, uint32_t kind);
struct job *status_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial);
struct job *undo_job_new(const struct ui_model *m, uint32_t kind, int64_t entry);
struct job *changed_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                            int64_t since, const struct preset *about, size_t count);
struct job *upkeep_job_new(const struct ui_model *m);
/* Values are copied. */
struct job *command_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                            bool preview, const char *name, const struct ui_value *values,
                            size_t value_count);
struct job *meter_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                          int64_t meter);
struct job *file_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                         const char *typed);
struct job *pick_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                         const char *command, const char *param, const char *typed);
struct job *goals_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                          const char *list, int64_t id);
struct job *detail_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                           const char *list, int64_t id);
struct job *subject_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                            int64_t meter);
struct job *check_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                          int64_t meter, const char *value, const char *when);

#endif
