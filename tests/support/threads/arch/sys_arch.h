/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: bobbin contributors
 */
#ifndef BOBBIN_TESTS_SYS_ARCH_H
#define BOBBIN_TESTS_SYS_ARCH_H

/* lwIP's view of threads for the tests, which sys_arch.cpp beside implements. */

#include <stddef.h>
#include <stdint.h>

#define SYS_MBOX_NULL NULL
#define SYS_SEM_NULL NULL

typedef struct bobbin_sem* sys_sem_t;
typedef struct bobbin_mutex* sys_mutex_t;
typedef struct bobbin_mbox* sys_mbox_t;
typedef int sys_thread_t;
typedef int sys_prot_t;

#endif
