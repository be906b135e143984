/**
 * What each entry exports, as names and signatures: one line a symbol or member, without words and places.
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url);

/** Parts of `deno doc --json` that say where something stands, what is said of it, or how it is written. */
const LEFT_OUT = new Set(["location", "jsDoc", "hasBody", "repr", "filename", "decorators", "isAsync", "right"]);

interface Declaration {
  readonly kind: string;
  readonly declarationKind: string;
  readonly def?: Record<string, unknown>;
  readonly [key: string]: unknown;
}

interface Documentation {
  readonly nodes: Record<string, { readonly symbols: { name: string; declarations: Declaration[] }[] }>;
}

/** The entries of deno.json that hold code, by name. */
export async function entries(): Promise<[name: string, path: string][]> {
  const { exports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  return (Object.entries(exports) as [string, string][]).filter(([, path]) => path.endsWith(".ts"));
}

/** The public surface of one entry. */
export async function publicApi(path: string): Promise<string[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", new URL(path, ROOT).pathname],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as Documentation;
  const lines: string[] = [];
  for (const { symbols } of Object.values(nodes)) {
    for (const { name, declarations } of symbols) {
      for (const { kind, declarationKind, def } of declarations) {
        if (declarationKind !== "export") continue;
        lines.push(...linesOf(`${kind} ${name}`, def));
      }
    }
  }
  return lines.sort();
}

/** One line for what it is, and one for each member. */
function linesOf(title: string, def: Record<string, unknown> | undefined): string[] {
  if (def === undefined) return [title];
  const own: Record<string, unknown> = {};
  const lines: string[] = [];
  for (const [key, value] of Object.entries(def)) {
    const isMembers = Array.isArray(value) && value.length > 0 &&
      /^(constructors|properties|methods|members)$/.test(key);
    if (!isMembers) own[key] = value;
    else {
      for (const member of value) {
        if (member.accessibility === "private" || String(member.name).startsWith("#")) continue;
        lines.push(`${title} · ${signature(member)}`);
      }
    }
  }
  return [`${title} ${signature(own)}`.trimEnd(), ...lines];
}

/** A value without what is left out, false and empty, in a form that is short and always the same. */
function signature(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(signature).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const { repr, kind, value: inner } = value as { repr?: string; kind?: string; value?: unknown };
  if (kind === "keyword" || (kind === "literal" && repr)) return repr!;
  if (kind === "typeRef") return reference(inner as { typeName: string; typeParams?: unknown[] });
  if (kind === "union") return (inner as unknown[]).map(signature).join(" | ");
  if (kind === "assign") return `${signature((value as { left: unknown }).left)} (default)`;
  if (kind === "identifier") return parameter(value as Parameter);
  if (kind === "array") return `${signature(inner)}[]`;
  return Object.entries(value)
    .filter(([key, part]) => !LEFT_OUT.has(key) && part !== false && part !== null && !isEmpty(part))
    .map(([key, part]) => key === "name" ? String(part) : `${key}: ${signature(part)}`)
    .join("; ");
}

interface Parameter {
  readonly name: string;
  readonly optional: boolean;
  readonly tsType: unknown;
}

function parameter({ name, optional, tsType }: Parameter): string {
  return `${name}${optional ? "?" : ""}: ${signature(tsType)}`;
}

function reference({ typeName, typeParams }: { typeName: string; typeParams?: unknown[] }): string {
  return isEmpty(typeParams) ? typeName : `${typeName}<${typeParams!.map(signature).join(", ")}>`;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}
