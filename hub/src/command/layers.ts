/** Command on the one map: resources by kind and state, operations where they take place, drawing of those under way. */
import { sql } from 'kysely';
import type { LayerDefinition, MapFeature, MapGeometry } from '../map/index.ts';
import type { CommandDeps } from './ports.ts';
import { shapesOf } from './shapes.ts';

const t = (zh: string, en: string) => ({ zh, en });

export const commandLayers = (deps: CommandDeps): LayerDefinition[] => [
  {
    ...{
      id: 'command-resources',
      title: t('应急资源', 'Emergency resources'),
      group: 'resource',
      geometry: 'point',
      permission: 'command.read',
      owner: 'yjgl',
    },
    fields: [
      { name: 'name', title: t('名称', 'Name') },
      { name: 'kind', title: t('类别', 'Kind') },
      { name: 'type', title: t('类型', 'Type') },
      { name: 'state', title: t('状态', 'State') },
      { name: 'quantity', title: t('数量', 'Quantity'), type: 'decimal' },
      { name: 'unit', title: t('单位', 'Unit') },
    ],
    ...{ label: 'name', search: true, link: '/command/resources?chosen={id}' },
    style: {
      ...{ draw: 'circle', size: 6, clusterBelow: 12 },
      colour: {
        by: 'kind',
        values: [
          { is: 'team', title: t('队伍', 'Teams'), colour: 'series-0' },
          { is: 'vehicle', title: t('车辆', 'Vehicles'), colour: 'series-1' },
          { is: 'shelter', title: t('避灾场所', 'Shelters'), colour: 'series-2' },
          { is: 'material', title: t('物资', 'Materials'), colour: 'series-3' },
          { is: 'equipment', title: t('装备', 'Equipment'), colour: 'series-4' },
        ],
        otherwise: 'ink3',
      },
    },
    source: {
      select: 'SELECT id, lon, lat, name_zh AS name, kind, type, state, quantity, unit FROM v.resource_v1',
      refresh: 10,
    },
  },
  {
    ...{
      id: 'command-drawing',
      title: t('指挥标绘', 'Drawing of operations'),
      group: 'plan',
      geometry: 'polygon',
      permission: 'command.read',
      owner: 'yjgl',
    },
    fields: [
      { name: 'label', title: t('标注', 'Label') },
      { name: 'operation', title: t('响应行动', 'Operation') },
      { name: 'exercise', title: t('演练', 'Exercise'), type: 'boolean' },
    ],
    ...{ label: 'label', style: { draw: 'fill', colour: 'bad', opacity: 0.25 } },
    source: {
      refresh: 5,
      async features({ id, limit }): Promise<MapFeature[]> {
        const { rows } = await sql<{
          id: number;
          title: string;
          exercise: boolean;
        }>`SELECT id, title, exercise FROM command.operation
          WHERE state = 'running' ORDER BY id`.execute(deps.db.kysely);
        const out: MapFeature[] = [];
        for (const o of rows)
          for (const s of await shapesOf(deps.db.kysely, o.id)) {
            const name = `${o.id}.${s.id}`;
            if (s.geometry.type !== 'Polygon' || (id !== null && id !== name)) continue;
            const label = typeof s.properties.label === 'string' ? s.properties.label : '';
            out.push({
              id: name,
              geometry: s.geometry as MapGeometry,
              properties: { label, operation: o.exercise ? `【演练】${o.title}` : o.title, exercise: o.exercise },
            });
          }
        return out.slice(0, limit + 1);
      },
    },
  },
];
