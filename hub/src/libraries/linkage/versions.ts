/** Versions of a library's parameters: numbered, kept, one in force at a time. */
import { type Frozen, frequencyTables, parseParameters } from '@jingwei/linkage';
import type { Clock } from '../../platform/clock.ts';
import type { Lake, LakeRow, LakeSession } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import { type LinkageDeclaration, linkageDeclaration, modelOf } from './declaration.ts';
import { unknownVersion } from './problems.ts';

/** What a version is expected to do, and how that was found. */
export interface Measure {
  /** Rows whose number is known, judged as if they had none: how many were linked, how many rightly, of how many. */
  held: number;
  linked: number;
  right: number;
  precision: number | null;
  recall: number | null;
  /** Labels, and how many of them the version judges alike (linked or not). */
  labels: number;
  agreeing: number;
}

/** A version as it is kept. */
export interface Version {
  version: number;
  state: 'proposed' | 'in-force' | 'retired';
  sha256: string;
  declaration: LinkageDeclaration;
  frozen: Frozen;
  known: number;
  rows: number;
  labels: number;
  measure: Measure;
  blocking: { rule: string; pairs: number; matches: number }[];
  madeAt: string;
  madeBy: string | null;
  inForceAt: string | null;
  inForceBy: string | null;
}

type Asks = Pick<LakeSession, 'query' | 'first'>;

function versionOf(row: LakeRow): Version {
  const declaration = linkageDeclaration.parse(JSON.parse(String(row.declaration)));
  return {
    version: Number(row.version),
    state: row.state as Version['state'],
    sha256: String(row.sha256),
    declaration,
    frozen: {
      model: modelOf(declaration, 'lk_rows', 'lk_known'),
      parameters: parseParameters(String(row.parameters)),
      usual: JSON.parse(String(row.usual)) as string[][],
    },
    known: Number(row.known),
    rows: Number(row.rows),
    labels: Number(row.labels),
    measure: JSON.parse(String(row.measure)) as Measure,
    blocking: JSON.parse(String(row.blocking)) as Version['blocking'],
    madeAt: String(row.made_at),
    madeBy: (row.made_by as string | null) ?? null,
    inForceAt: (row.in_force_at as string | null) ?? null,
    inForceBy: (row.in_force_by as string | null) ?? null,
  };
}

/** Every version of a library, the newest first. */
export async function versionsOf(lake: Asks, library: number): Promise<Version[]> {
  return (
    await lake.query('SELECT * FROM lib.linkage_version WHERE library = $library ORDER BY version DESC', { library })
  ).map(versionOf);
}

/** The version in force, or undefined before one was put in force. */
export async function inForce(lake: Asks, library: number): Promise<Version | undefined> {
  const row = await lake.first(
    "SELECT * FROM lib.linkage_version WHERE library = $library AND state = 'in-force' ORDER BY version DESC LIMIT 1",
    { library },
  );
  return row && versionOf(row);
}

/** One version; a Problem when there is none. */
export async function versionBy(lake: Asks, library: number, version: number): Promise<Version> {
  const row = await lake.first('SELECT * FROM lib.linkage_version WHERE library = $library AND version = $version', {
    library,
    version,
  });
  if (!row) throw new Problem(unknownVersion, { version });
  return versionOf(row);
}

/** Puts the frequencies of a version where the engine looks for them in this session. */
export async function useFrequencies(session: LakeSession, library: number, v: Version): Promise<void> {
  for (const name of frequencyTables(v.frozen.model)) {
    const value = name.startsWith('tok') ? 'v AS w' : 'v';
    await session.run(
      `CREATE OR REPLACE TEMP VIEW ${name} AS SELECT ${value}, n FROM lib.linkage_frequency WHERE library = ${library} AND version = ${v.version} AND name = '${name}'`,
    );
  }
}

/** Puts a version in force; the next integration applies it, where integrations link by it (`applies`). */
export async function putInForce(
  lake: Lake,
  clock: Clock,
  library: number,
  version: number,
  by: string | null,
  applies = true,
): Promise<void> {
  await lake.write('linkage', async (s) => {
    await versionBy(s, library, version);
    await s.run("UPDATE lib.linkage_version SET state = 'retired' WHERE library = $library AND state = 'in-force'", {
      library,
    });
    await s.run(
      "UPDATE lib.linkage_version SET state = 'in-force', in_force_at = $at, in_force_by = $by WHERE library = $library AND version = $version",
      { library, version, at: clock.now(), by },
    );
    if (applies) await s.run("INSERT INTO lib.linkage_due VALUES ($library, 'version')", { library });
  });
}
