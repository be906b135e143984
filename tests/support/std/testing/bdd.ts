/**
 * Stand-in for `jsr:@std/testing/bdd`: same names, the signatures that take a name and a function. Suites are tests and
 * their cases are steps, so that the sanitizers see them.
 *
 * @module
 */
// deno-lint-ignore-file no-explicit-any

type Hook = (this: any) => void | Promise<void>;
type Case = (this: any, t: Deno.TestContext) => void | Promise<void>;

interface Suite {
  readonly parent: Suite | undefined;
  readonly steps: { name: string; run: (t: Deno.TestContext, context: object) => Promise<void> }[];
  readonly hooks: { beforeAll: Hook[]; afterAll: Hook[]; beforeEach: Hook[]; afterEach: Hook[] };
}

let open: Suite | undefined;

/** Outermost first. */
function lineage(suite: Suite | undefined): Suite[] {
  return suite ? [...lineage(suite.parent), suite] : [];
}

async function runAll(hooks: Hook[], context: object): Promise<void> {
  for (const hook of hooks) await hook.call(context);
}

async function runSuite(suite: Suite, t: Deno.TestContext, context: object): Promise<void> {
  await runAll(suite.hooks.beforeAll, context);
  try {
    for (const { name, run } of suite.steps) await t.step(name, (step) => run(step, Object.create(context)));
  } finally {
    await runAll(suite.hooks.afterAll, context);
  }
}

/** Registers a suite; nested ones become steps. */
export function describe(name: string, fn: () => void | undefined): void {
  const suite: Suite = {
    parent: open,
    steps: [],
    hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] },
  };
  open = suite;
  try {
    fn();
  } finally {
    open = suite.parent;
  }
  if (suite.parent) suite.parent.steps.push({ name, run: (t, context) => runSuite(suite, t, context) });
  else Deno.test(name, (t) => runSuite(suite, t, {}));
}

/** Registers a case of the suite, or a test of its own outside of one. */
export function it(name: string, fn: Case): void {
  const suite = open;
  if (!suite) return Deno.test(name, (t) => fn.call({}, t));
  suite.steps.push({
    name,
    async run(t, context) {
      const line = lineage(suite);
      for (const { hooks } of line) await runAll(hooks.beforeEach, context);
      try {
        await fn.call(context, t);
      } finally {
        for (const { hooks } of line.reverse()) await runAll(hooks.afterEach, context);
      }
    },
  });
}

function addHook(kind: keyof Suite["hooks"], fn: Hook): void {
  if (!open) throw new Error(`Cannot register ${kind}: it must stand inside a suite`);
  open.hooks[kind].push(fn);
}

/** Runs once before the cases of the suite. */
export function beforeAll(fn: Hook): void {
  addHook("beforeAll", fn);
}

/** Runs once after the cases of the suite. */
export function afterAll(fn: Hook): void {
  addHook("afterAll", fn);
}

/** Runs before each case, outer suites first. */
export function beforeEach(fn: Hook): void {
  addHook("beforeEach", fn);
}

/** Runs after each case, inner suites first. */
export function afterEach(fn: Hook): void {
  addHook("afterEach", fn);
}
