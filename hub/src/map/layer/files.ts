/** Layers declared in files: the folder `layers/` of the repository and `scenarios/<name>/layers/`; every mistake with its place. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { absentViews, answeredColumns, readSelect, readYaml, sqlColumns } from '../../platform/declared/index.ts';
import type { LakeSession } from '../../platform/lake/index.ts';
import { Problem, problemKind } from '../../platform/problem.ts';
import { lackingColumns } from './copy.ts';
import { layerDeclaration } from './declaration.ts';
import { faultOf } from './registry.ts';
import type { LayerDefinition } from './types.ts';

const unfit = problemKind(
  'map.layer-unfit',
  422,
  '图层声明不成立：{why}',
  'The layer cannot be drawn as declared: {why}',
);
const repeated = problemKind(
  'map.layer-repeated',
  422,
  '图层“{layer}”在 {other} 中已声明。',
  'The layer "{layer}" is declared in {other} already.',
);

/** A layer's file that was read. */
export interface LayerFileRead {
  /** As it is shown: `layers/place.yaml`. */
  file: string;
  layer: LayerDefinition | undefined;
  problems: Problem[];
  /** Line of a key of the file. */
  line(path: readonly PropertyKey[]): number;
}

/** Folders with layers below the repository's root, and how they are shown. */
export function layerFolders(root: string): { folder: string; shown: string }[] {
  const scenarios = join(root, 'scenarios');
  const own = existsSync(scenarios)
    ? readdirSync(scenarios, { withFileTypes: true })
        .filter((d) => d.isDirectory())
        .map((d) => ({ folder: join(scenarios, d.name, 'layers'), shown: `scenarios/${d.name}/layers` }))
    : [];
  return [{ folder: join(root, 'layers'), shown: 'layers' }, ...own].filter((f) => existsSync(f.folder));
}

/** Reads every layer's file; a file with a mistake gives no layer but its problems. */
export function readLayers(root: string): LayerFileRead[] {
  const ids = new Map<string, string>();
  return layerFolders(root).flatMap(({ folder, shown }) =>
    readdirSync(folder)
      .filter((f) => /\.ya?ml$/.test(f))
      .sort()
      .map((name): LayerFileRead => {
        const file = `${shown}/${name}`;
        const { value, problems, line } = readYaml(join(folder, name), file, layerDeclaration);
        if (!value) return { file, layer: undefined, problems, line };
        const { layer: id, select, refresh, ...rest } = value;
        const layer = {
          id,
          ...rest,
          source: { select, ...(refresh === undefined ? {} : { refresh }) },
        } as LayerDefinition;
        const why = faultOf(layer);
        const other = ids.get(id);
        if (why) return { file, layer: undefined, line, problems: [new Problem(unfit, { why }, { file, line: 1 })] };
        if (other)
          return {
            ...{ file, layer: undefined, line },
            problems: [new Problem(repeated, { layer: id, other }, { file, line: line(['layer']) })],
          };
        ids.set(id, file);
        return { file, layer, problems: [], line };
      }),
  );
}

/** Holds a layer's SELECT against the views that there are: what is wrong with it, with its place. Absent views are no mistake. */
export async function checkLayer(s: Pick<LakeSession, 'query' | 'first'>, read: LayerFileRead): Promise<Problem[]> {
  if (!read.layer || !('select' in read.layer.source)) return read.problems;
  const { select } = read.layer.source;
  const line = read.line(['select']);
  try {
    const judged = await readSelect(s, select, read.file);
    if ((await absentViews(s, judged.views)).length > 0) return [];
    const columns = (await answeredColumns(s, judged.sql, { file: read.file }, select)).map((c) => c.toLowerCase());
    const lacking = lackingColumns(read.layer, columns);
    if (lacking.length === 0) return [];
    const expected = ['id', ...read.layer.fields.map((f) => f.name), 'lon, lat | wkt'].join(', ');
    return [
      new Problem(sqlColumns, { file: read.file, expected, columns: lacking.join(', ') }, { file: read.file, line }),
    ];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    // The statement stands inside the file: its first line is that of its key, or the next where it is a block.
    const at = (error.place?.line ?? 1) - 1;
    return [new Problem(error.kind, error.params, { ...error.place, file: read.file, line: line + at })];
  }
}
