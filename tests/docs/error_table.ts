/**
 * The README's table of errors, from the sources: codes, causes and remedies from the comments of `MuxErrorCode`, the
 * originals' values from where they are set.
 *
 * @module
 */

/** A row: what a code means, what helps, and what the original calls it. */
export interface ErrorRow {
  readonly code: string;
  readonly cause: string;
  readonly remedy: string;
  readonly originals: readonly string[];
}

/** Reads the table out of the sources' text. */
export function errorRows(sources: { errors: string; hresults: string; push: string; failures: string }): ErrorRow[] {
  const union = sources.errors.match(/export type MuxErrorCode =([^]*?"[a-z-]+");\n/)?.[1];
  if (union === undefined) throw new Error("no union MuxErrorCode in the sources");
  const originals = [...fromTables(sources.hresults), ...fromPush(sources.push, sources.failures)];
  return Array.from(union.matchAll(/\/\*\*([^]*?)\*\/\s*\| "([^"]+)"/g), ([, comment, code]) => {
    const text = comment!.replace(/\s*\n\s*\* ?/g, " ").trim();
    const [cause, remedy, ...more] = text.split(" — ");
    if (remedy === undefined || more.length > 0) throw new Error(`"${code}" needs a cause, " — ", and a remedy`);
    const named = originals.filter((one) => one.code === code).map(({ name, value }) => `\`${name}\` ${value}`);
    return { code: code!, cause: cause!, remedy: remedy.replace(/\.$/, ""), originals: [...new Set(named)] };
  });
}

interface Original {
  code: string;
  name: string;
  value: string;
}

/** `"bad-media": 0xC00D002F, // NS_E_INVALID_DATA`. */
function fromTables(text: string): Original[] {
  const lines = text.matchAll(/"([a-z-]+)": (0x[0-9A-F]{8}), \/\/ (\w+)/g);
  return Array.from(lines, ([, code, value, name]) => ({ code: code!, name: name!, value: value! }));
}

/** `pushError("no-connection", "NS_E_NOCONNECTION", …)`, and the table of those names. */
function fromPush(text: string, failures: string): Original[] {
  const values = new Map(
    Array.from(failures.matchAll(/(NS_E_\w+): (0x[0-9A-F]{8})/g), ([, name, value]) => [name!, value!]),
  );
  const uses = text.matchAll(/"([a-z-]+)",\s*"(NS_E_\w+)"/g);
  return Array.from(uses, ([, code, name]) => ({ code: code!, name: name!, value: values.get(name!) ?? "?" }));
}

/** The table in Markdown. */
export function errorTable(rows: readonly ErrorRow[]): string {
  const lines = rows.map(({ code, cause, remedy, originals }) =>
    `| \`${code}\` | ${cause} | ${remedy} | ${originals.join("<br>") || "–"} |`
  );
  return ["| `error.code` | what happened | what helps | `error.hresult` |", "| --- | --- | --- | --- |", ...lines]
    .join("\n");
}
