/** Events as the lake and the map show them. */
import { sql } from 'kysely';
import { addLayers } from '../map/index.ts';
import type { MirrorDeclaration } from '../platform/mirror/index.ts';
import type { Deps } from '../platform/room.ts';
import { states } from './machine.ts';
import type { EventPorts } from './ports.ts';

const day = (column: string) => `(r.${column} AT TIME ZONE 'Asia/Shanghai')::date`;

/** v.event_v1 and v.event_step_v1. No texts of citizens, no telephone: what indicators count by. */
export const eventMirrors: readonly MirrorDeclaration[] = [
  {
    name: 'event',
    from: 'events.event',
    key: { column: 'id', type: 'bigint' },
    columns: [
      { name: 'id', type: 'integer' },
      { name: 'number', type: 'text' },
      { name: 'matter', type: 'text' },
      { name: 'group', type: 'text' },
      { name: 'urgency', type: 'text' },
      { name: 'state', type: 'text' },
      { name: 'open', type: 'boolean', sql: `r.state NOT IN ('closed', 'void', 'merged')` },
      { name: 'channel', type: 'text' },
      { name: 'organisation', type: 'text' },
      { name: 'joint', type: 'texts' },
      { name: 'town', type: 'text' },
      { name: 'grid', type: 'text' },
      { name: 'address', type: 'text' },
      { name: 'lon', type: 'double' },
      { name: 'lat', type: 'double' },
      { name: 'supervised', type: 'integer' },
      { name: 'reports', type: 'integer' },
      { name: 'returned', type: 'integer' },
      { name: 'transferred', type: 'integer' },
      { name: 'reworked', type: 'integer' },
      { name: 'rating', type: 'integer' },
      { name: 'due', type: 'timestamp' },
      { name: 'late', type: 'boolean', sql: 'r.late_at IS NOT NULL' },
      { name: 'late_at', type: 'timestamp' },
      { name: 'day', type: 'date' },
      { name: 'closed_day', type: 'date', sql: day('closed_at') },
      ...(
        ['occurred_at', 'reported_at', 'filed_at', 'dispatched_at', 'accepted_at', 'handled_at', 'closed_at'] as const
      ).map((name) => ({ name, type: 'timestamp' as const })),
    ],
  },
  {
    name: 'event_step',
    from: 'events.step',
    key: { column: 'seq', type: 'bigint' },
    columns: [
      { name: 'seq', type: 'integer' },
      { name: 'event', type: 'integer' },
      { name: 'action', type: 'text' },
      { name: 'from_state', type: 'text' },
      { name: 'to_state', type: 'text' },
      { name: 'stage', type: 'integer' },
      { name: 'actor', type: 'text' },
      { name: 'organisation', type: 'text' },
      { name: 'at', type: 'timestamp' },
    ],
  },
];

/** Most events that the map shows at once; a closer look shows what is left out. */
const SHOWN = 5000;

/** The layer of open events. */
export function eventLayer(deps: Deps, ports: EventPorts): void {
  addLayers(deps, [
    {
      ...{ id: 'open-events', group: 'event', geometry: 'point', permission: 'event.read', owner: 'zhzf' },
      title: { zh: '在办事件', en: 'Open events' },
      fields: [
        { name: 'number', title: { zh: '案卷号', en: 'Number' } },
        { name: 'matter', title: { zh: '事项', en: 'Matter' } },
        { name: 'state', title: { zh: '状态', en: 'State' } },
        { name: 'standing', title: { zh: '时限', en: 'Limit' } },
        { name: 'address', title: { zh: '地址', en: 'Address' } },
        { name: 'reported_at', title: { zh: '上报时间', en: 'Reported' }, type: 'instant' },
      ],
      label: 'matter',
      time: { from: 'reported_at' },
      style: {
        draw: 'circle',
        colour: {
          by: 'standing',
          values: [
            { is: 'late', title: { zh: '已超时', en: 'Late' }, colour: 'bad' },
            { is: 'urgent', title: { zh: '紧急', en: 'Urgent' }, colour: 'warn' },
          ],
          otherwise: 'info',
        },
        size: 6,
        clusterBelow: 13,
        label: 'matter',
        labelFrom: 15,
      },
      link: '/events/{id}',
      source: {
        refresh: 10,
        features: async ({ bbox, id, limit }) => {
          const { byId } = await ports.matters.current();
          const { rows } = await sql<{
            id: number;
            number: string;
            matter: string | null;
            state: keyof typeof states;
            address: string | null;
            reported_at: Date;
            lon: number;
            lat: number;
            standing: string;
          }>`SELECT id, number, matter, state, address, reported_at, lon, lat,
              CASE WHEN late_at IS NOT NULL THEN 'late' WHEN urgency = 'urgent' THEN 'urgent' ELSE 'normal' END AS standing
            FROM events.event WHERE state NOT IN ('closed', 'void', 'merged') AND lon IS NOT NULL
              ${bbox ? sql`AND lon BETWEEN ${bbox[0]} AND ${bbox[2]} AND lat BETWEEN ${bbox[1]} AND ${bbox[3]}` : sql``}
              ${id && /^\d{1,15}$/.test(id) ? sql`AND id = ${Number(id)}` : sql``}
            ORDER BY id DESC LIMIT ${Math.min(limit + 1, SHOWN)}`.execute(ports.db.kysely);
          return rows.map((r) => ({
            id: String(r.id),
            geometry: { type: 'Point' as const, coordinates: [r.lon, r.lat] as [number, number] },
            properties: {
              ...{
                number: r.number,
                matter: byId.get(r.matter ?? '')?.title.zh ?? '',
                state: states[r.state].zh,
                standing: r.standing,
              },
              ...{ address: r.address, reported_at: r.reported_at.toISOString() },
            },
          }));
        },
      },
    },
  ]);
}
