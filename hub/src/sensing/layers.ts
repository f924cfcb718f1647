/** What sensing shows on the one map: sensors live, and the video directory. */
import { sql } from 'kysely';
import type { LayerDefinition, MapFeature } from '../map/index.ts';
import type { SensingRoom } from './room.ts';
import { shownEntity } from './routes/shown.ts';
import type { CameraRow } from './video/cameras.ts';

/** Fields of these layers are internal: whoever may see the layer sees them, whosever the sensor is. */
const OWNER = 'zhzf';

export function sensingLayers(r: SensingRoom): LayerDefinition[] {
  return [
    {
      ...{ id: 'sensors', title: { zh: '感知设备', en: 'Sensors' }, group: 'sensing', geometry: 'point', owner: OWNER },
      ...{ permission: 'sensing.read' as const, link: '/sensing/sensor?id={id}' },
      fields: [
        { name: 'name', title: { zh: '名称', en: 'Name' } },
        { name: 'type', title: { zh: '类型', en: 'Type' } },
        { name: 'health', title: { zh: '状态', en: 'Health' } },
        { name: 'reading', title: { zh: '最新读数', en: 'Latest' } },
        { name: 'read_at', title: { zh: '读取时间', en: 'Read at' }, type: 'instant' },
      ],
      style: {
        draw: 'circle',
        colour: {
          by: 'health',
          values: [
            { is: 'ok', title: { zh: '正常', en: 'Good' }, colour: 'good' },
            { is: 'silent', title: { zh: '失联', en: 'Silent' }, colour: 'bad' },
            { is: 'flat', title: { zh: '读数不变', en: 'Flat' }, colour: 'warn' },
            { is: 'drifting', title: { zh: '漂移', en: 'Drifting' }, colour: 'warn' },
          ],
          otherwise: 'ink3',
        },
        ...{ label: 'reading', labelFrom: 14, clusterBelow: 11 },
      },
      source: {
        features: async ({ bbox, id, limit }) => {
          const seen = new Set<string>();
          const out: MapFeature[] = [];
          const [west, south, east, north] = bbox ?? [-180, -90, 180, 90];
          for (const s of r.book.all()) {
            if (!s.active || s.lon === null || s.lat === null || seen.has(s.entity)) continue;
            if (id ? s.entity !== id : s.lon < west || s.lon > east || s.lat < south || s.lat > north) continue;
            seen.add(s.entity);
            const e = shownEntity(r, r.book.of(s.entity));
            const main = e.series.find((x) => x.value !== null);
            out.push({
              id: e.id,
              geometry: { type: 'Point', coordinates: [s.lon, s.lat] },
              properties: {
                ...{ name: e.label.zh, type: e.typeTitle.zh, health: e.health, read_at: main?.at ?? null },
                reading: main ? `${Number(main.value!.toPrecision(4))} ${main.symbol}`.trim() : '',
              },
            });
            if (out.length >= limit) break;
          }
          return out;
        },
      },
    },
    {
      ...{ id: 'cameras', title: { zh: '视频监控', en: 'Cameras' }, group: 'video', geometry: 'point', owner: OWNER },
      ...{ permission: 'sensing.read' as const, link: '/sensing/camera?code={id}' },
      fields: [
        { name: 'name', title: { zh: '名称', en: 'Name' } },
        { name: 'state', title: { zh: '状态', en: 'State' } },
        { name: 'owner', title: { zh: '单位', en: 'Owner' } },
      ],
      style: {
        draw: 'circle',
        colour: {
          by: 'state',
          values: [
            { is: 'online', title: { zh: '在线', en: 'Online' }, colour: 'info' },
            { is: 'fault', title: { zh: '故障', en: 'Fault' }, colour: 'bad' },
          ],
          otherwise: 'ink3',
        },
        ...{ label: 'name', labelFrom: 15, clusterBelow: 13 },
      },
      source: {
        features: async ({ bbox, id, limit }) => {
          const [west, south, east, north] = bbox ?? [-180, -90, 180, 90];
          const { rows } = await sql<CameraRow>`SELECT code, label_zh, lon, lat, state, owner FROM sensing.camera
            WHERE state <> 'retired' AND lon IS NOT NULL AND (${id ?? null}::text IS NULL OR code = ${id ?? null})
              AND (${id ?? null}::text IS NOT NULL OR (lon BETWEEN ${west} AND ${east} AND lat BETWEEN ${south} AND ${north}))
            ORDER BY code LIMIT ${limit}`.execute(r.deps.db.kysely);
          return rows.map((c) => ({
            id: c.code,
            geometry: { type: 'Point' as const, coordinates: [c.lon!, c.lat!] as [number, number] },
            properties: { name: c.label_zh, state: c.state, owner: c.owner },
          }));
        },
      },
    },
  ];
}
