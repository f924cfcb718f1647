/**
 * The source by which data of another hub is collected here: declared from the manifest and the other catalogue's items, so that it is
 * received, receipted, cleaned and proven like any department's delivery.
 */
import { z } from 'zod';
import {
  type DeclaredSource,
  declareSource,
  type ForeignDataset,
  type SourceField,
  sourceDeclaration,
} from '../../catalogue/index.ts';
import type { PeersContext } from '../context.ts';
import type { MatterRow } from '../matters/matters.ts';
import type { PeerRow } from '../store.ts';

/** The part of a manifest that is read here (`jingwei-delivery/1`). */
export const manifestSchema = z.object({
  format: z.literal('jingwei-delivery/1'),
  delivery: z.number().int(),
  kind: z.literal('full'),
  file: z.object({ format: z.literal('csv'), sha256: z.string(), bytes: z.number().int() }),
  rows: z.number().int().nonnegative(),
  items: z
    .array(
      z.object({
        name: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/),
        title: z.string().max(200),
        type: z.string().max(20),
        shown: z.enum(['plain', 'masked']),
      }),
    )
    .min(1)
    .max(500),
});
export type Manifest = z.output<typeof manifestSchema>;

/** Name of the record's number: which one it is for this recipient, and no one else. */
export const RECORD = 'peer_record';

const types: Readonly<Record<string, SourceField['type']>> = {
  ...{ N: 'decimal', Y: 'decimal', B: 'decimal', F: 'decimal', I: 'integer', D: 'date', T: 'datetime', L: 'boolean' },
};
const formats: Readonly<Record<string, SourceField['format']>> = {
  ...{ uscc: 'uscc', orgcode: 'orgcode', regno: 'regno', name: 'company-name', 'former-name': 'company-name' },
  ...{ address: 'address' },
};
const roles = ['uscc', 'orgcode', 'regno', 'name', 'former-name', 'address'] as const;

/** Id of the source: the department that asked owns it. */
export function sourceOf(row: Pick<MatterRow, 'department' | 'peer' | 'entry'>): string {
  const slug = row.entry
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return `${row.department}.peer${row.peer}-${slug}`;
}

/** The declaration of what is handed over. */
export function declarationOf(
  row: MatterRow,
  peer: PeerRow,
  remote: ForeignDataset | null,
  m: Manifest,
): DeclaredSource {
  const known = new Map((remote?.items ?? []).map((i) => [i.name, i]));
  const fields = m.items.map((item) => {
    const own = known.get(item.name);
    const plain = item.shown === 'plain';
    const role = plain ? roles.find((r) => r === own?.role) : undefined;
    const format = role && formats[role];
    const title = { zh: item.title || item.name, en: own?.title.en || item.title || item.name };
    return {
      ...{ name: item.name, title, type: plain ? (types[item.type] ?? 'text') : 'text' },
      // A masked value is personal still; what is sensitive arrives masked and is no original for the vault.
      protection: own?.protection === 'public' || own?.protection === 'internal' ? own.protection : 'personal',
      ...(role ? { role } : {}),
      ...(format ? { format } : {}),
      ...(own?.unit ? { unit: own.unit } : {}),
    };
  });
  const matched = fields.some((f) => 'role' in f && f.role !== 'address');
  const { number: _, ...declared } = sourceDeclaration.parse({
    ...{ id: sourceOf(row), number: 1, owner: row.department, category: 'other', rank: 80 },
    title: { zh: `${row.title}（${peer.name_zh}）`, en: `${remote?.title.en ?? row.title} (${peer.name_en})` },
    abstract: {
      zh: `由${peer.name_zh}按共享授权交付，按交付清单登记。`,
      en: `Handed over by ${peer.name_en} under a grant; declared from its manifest.`,
    },
    subject: matched && remote?.subject === 'legal-person' ? 'legal-person' : 'none',
    level: remote?.level ?? 'general',
    // What was granted to this department is not given on.
    sharing: { type: 'refused', ground: '《政务数据共享条例》：按授权范围使用，不得擅自提供给第三方' },
    ...{ cadence: remote?.cycle ?? 'monthly', mode: 'snapshot', key: [RECORD] },
    transport: { kind: 'file', pattern: '*.csv' },
    fields: [
      {
        ...{ name: RECORD, column: '_record', type: 'text', required: true, protection: 'internal' },
        title: { zh: '记录号', en: 'Record number' },
      },
      ...fields,
    ],
  });
  return declared;
}

/** Declares the source, or its next version where the items changed. Answers its id. */
export async function declareFor(
  c: PeersContext,
  row: MatterRow,
  peer: PeerRow,
  remote: ForeignDataset | null,
  m: Manifest,
): Promise<string> {
  const source = await declareSource(c.deps, declarationOf(row, peer, remote, m), `peer${peer.id}`);
  return source.declaration.id;
}
