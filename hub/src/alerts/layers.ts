/** Layers of the one map: open alerts where they are, and areas of messages. */
import { sql } from 'kysely';
import { addLayers, type LayerDefinition, type MapFeature } from '../map/index.ts';
import type { Deps } from '../platform/room.ts';
import type { AlertRow } from './live/alert.ts';

const levels = [
  { is: 1, title: { zh: '蓝色预警', en: 'Blue' }, colour: 'info' as const },
  { is: 2, title: { zh: '黄色预警', en: 'Yellow' }, colour: 'warn' as const },
  { is: 3, title: { zh: '橙色预警', en: 'Orange' }, colour: 'weft' as const },
  { is: 4, title: { zh: '红色预警', en: 'Red' }, colour: 'bad' as const },
];

type Found = Pick<
  AlertRow,
  'id' | 'title' | 'level' | 'state' | 'label' | 'lon' | 'lat' | 'opened_at' | 'closed_at' | 'members'
> & {
  area: { type: 'MultiPolygon'; coordinates: [number, number][][][] } | null;
};

/** Declares the layers. */
export function declareLayers(deps: Deps, owner: string): void {
  const find = async (
    shape: 'point' | 'area',
    ask: { bbox: readonly number[] | null; at: Date | null; id: string | null; limit: number },
  ) => {
    const [w, s, e, n] = ask.bbox ?? [-180, -90, 180, 90];
    const { rows } =
      await sql<Found>`SELECT id, title, level, state, label, lon, lat, area, opened_at, closed_at, members FROM alerts.alert
      WHERE (${ask.at}::timestamptz IS NULL AND closed_at IS NULL OR opened_at <= ${ask.at}::timestamptz
          AND (closed_at IS NULL OR closed_at > ${ask.at}::timestamptz))
        AND (${ask.id}::text IS NULL OR id::text = ${ask.id}::text) AND (area IS NOT NULL) = ${shape === 'area'}
        AND lon BETWEEN ${w} AND ${e} AND lat BETWEEN ${s} AND ${n}
      ORDER BY level DESC, id DESC LIMIT ${ask.limit + 1}`.execute(deps.db.kysely);
    return rows.map(
      (a): MapFeature => ({
        id: String(a.id),
        geometry: a.area ?? { type: 'Point', coordinates: [a.lon!, a.lat!] },
        properties: {
          ...{ title: a.title.zh, label: a.label?.zh ?? null, level: a.level, state: a.state, members: a.members },
          ...{ opened: a.opened_at.toISOString(), closed: a.closed_at?.toISOString() ?? null },
        },
      }),
    );
  };
  const common = {
    ...{ group: 'alert' as const, permission: 'alert.read' as const, owner, link: '/alerts/{id}', label: 'title' },
    fields: [
      { name: 'title', title: { zh: '预警', en: 'Alert' } },
      { name: 'label', title: { zh: '地点', en: 'Place' } },
      { name: 'level', title: { zh: '级别', en: 'Level' }, type: 'integer' as const },
      { name: 'state', title: { zh: '状态', en: 'State' } },
      { name: 'members', title: { zh: '涉及序列', en: 'Series' }, type: 'integer' as const },
      { name: 'opened', title: { zh: '开始', en: 'Since' }, type: 'instant' as const },
      { name: 'closed', title: { zh: '结束', en: 'Until' }, type: 'instant' as const },
    ],
    time: { from: 'opened', to: 'closed' },
  };
  const colour = { by: 'level', values: levels, otherwise: 'ink3' as const };
  const layers: LayerDefinition[] = [
    {
      ...{ ...common, id: 'alerts', title: { zh: '当前预警', en: 'Open alerts' }, geometry: 'point' },
      style: { draw: 'circle', colour, size: 9, label: 'label', labelFrom: 13 },
      source: { features: (ask) => find('point', ask), refresh: 5 },
    },
    {
      ...{ ...common, id: 'alert-areas', title: { zh: '预警区域', en: 'Areas of warnings' }, geometry: 'polygon' },
      style: { draw: 'fill', colour, opacity: 0.25 },
      source: { features: (ask) => find('area', ask), refresh: 10 },
    },
  ];
  addLayers(deps, layers);
}
