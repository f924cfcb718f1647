/** Names that may leave the hub: of statements and of traces that came from outside. Nothing that somebody typed is among them. */

/**
 * Tables that stand in a schema are named by the program; a name of any other shape is left out, and so is one without a schema: in a query of the
 * workbench it may be what somebody typed.
 */
const NAME = '(?:"([a-z_][a-z0-9_]{0,62})"|([a-z_][a-z0-9_]{0,62}))';
const OBJECT = new RegExp(
  `\\b(?:from|into|update|join|table|view)\\s+(?:if\\s+(?:not\\s+)?exists\\s+)?${NAME}\\.${NAME}`,
  'i',
);
const VERBS =
  /^\s*(?:with\b[\s\S]{0,4000}?\b)?(select|insert|update|delete|merge|create|drop|alter|copy|begin|commit|rollback|set|checkpoint|truncate|vacuum|analyze)\b/i;

/** A statement as `SELECT lib.fact`: what it does, and the first table that it names. */
export function statementName(sql: string): string {
  const bare = sql
    .slice(0, 8192)
    .replace(/'(?:[^']|'')*'/g, "''")
    .replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, '');
  const verb = VERBS.exec(bare)?.[1]?.toUpperCase() ?? 'OTHER';
  const found = OBJECT.exec(bare);
  if (!found) return verb;
  return `${verb} ${found[1] ?? found[2]}.${found[3] ?? found[4]}`.replace(/\d{7,}/g, '0');
}

/** Whom a request says that it is part of (W3C Trace Context, version 00); undefined where it says nothing that holds. */
export function parentOf(header: unknown): { trace: string; span: string } | undefined {
  if (typeof header !== 'string') return undefined;
  const found = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/.exec(header);
  if (!found || found[1] === 'ff' || (found[1] === '00' && found[4] !== undefined)) return undefined;
  if (/^0+$/.test(found[2]!) || /^0+$/.test(found[3]!)) return undefined;
  return { trace: found[2]!, span: found[3]! };
}
