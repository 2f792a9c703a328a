// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nine bugs, on demand: write the name of one to /sys/kernel/debug/planted.
 * A debug kernel that does not report them finds none in the driver either.
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/uaccess.h>

#define BLOCK		64
#define RACE_MS		1500
#define LEAKS		8

struct bug {
	const char *name;
	void (*commit)(void);
};

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(atomic);
static struct dentry *file;

/* The compiler must not see through it: it would refuse or leave out. */
static char *block(void)
{
	char *p = kmalloc(BLOCK, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
	return p;
}

static void use_after_free(void)
{
	char *p = block(), *q = p;

	OPTIMIZER_HIDE_VAR(q);
	kfree(p);
	WRITE_ONCE(q[BLOCK / 2], 1);
}

static void out_of_bounds(void)
{
	char *p = block();
	size_t end = BLOCK;

	OPTIMIZER_HIDE_VAR(end);
	WRITE_ONCE(p[end], 1);
	kfree(p);
}

static void double_free(void)
{
	char *p = block(), *q = p;

	OPTIMIZER_HIDE_VAR(q);
	kfree(p);
	kfree(q);
}

/* A mutex that is free: really to sleep here would wreck the kernel. */
static void sleep_in_atomic(void)
{
	spin_lock(&atomic);
	mutex_lock(&first);
	mutex_unlock(&first);
	spin_unlock(&atomic);
}

/* Never deadlocks here: nobody else takes them. Lockdep foresees it. */
static void lock_order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void lock_held_on_return(void)
{
	mutex_lock(&first);
}

struct timed {
	struct timer_list timer;
};

static void never(struct timer_list *timer)
{
}

static void free_of_active_timer(void)
{
	struct timed *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return;
	timer_setup(&t->timer, never, 0);
	mod_timer(&t->timer, jiffies + 3600 * HZ);
	kfree(t);
}

/* Several: a stale pointer on some stack may hide one. */
static void leak(void)
{
	unsigned int n;

	for (n = 0; n < LEAKS; n++)
		block();
}

static unsigned int raced;

static int racer(void *unused)
{
	while (!kthread_should_stop()) {
		raced++;
		cond_resched();
	}
	return 0;
}

static void race(void)
{
	struct task_struct *a = kthread_run(racer, NULL, "planted/a");
	struct task_struct *b = kthread_run(racer, NULL, "planted/b");

	msleep(RACE_MS);
	if (!IS_ERR(a))
		kthread_stop(a);
	if (!IS_ERR(b))
		kthread_stop(b);
}

static void none(void)
{
}

static const struct bug bugs[] = {
	{ "none", none },
	{ "use_after_free", use_after_free },
	{ "out_of_bounds", out_of_bounds },
	{ "double_free", double_free },
	{ "sleep_in_atomic", sleep_in_atomic },
	{ "lock_order", lock_order },
	{ "lock_held_on_return", lock_held_on_return },
	{ "free_of_active_timer", free_of_active_timer },
	{ "leak", leak },
	{ "data_race", race },
};

static ssize_t planted_write(struct file *unused, const char __user *buf,
			     size_t len, loff_t *pos)
{
	char name[32] = "";
	unsigned int n;

	if (len >= sizeof(name) || copy_from_user(name, buf, len))
		return -EINVAL;
	for (n = 0; n < ARRAY_SIZE(bugs); n++) {
		if (strcmp(strim(name), bugs[n].name))
			continue;
		bugs[n].commit();
		return len;
	}
	return -ENOENT;
}

static const struct file_operations planted_fops = {
	.owner = THIS_MODULE,
	.write = planted_write,
};

static int __init planted_init(void)
{
	file = debugfs_create_file("planted", 0200, NULL, NULL, &planted_fops);
	return PTR_ERR_OR_ZERO(file);
}

static void __exit planted_exit(void)
{
	debugfs_remove(file);
}

module_init(planted_init);
module_exit(planted_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Bugs that a debug kernel has to report");
