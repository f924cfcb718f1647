/** What the lake shows of alerts. */
import type { MirrorDeclaration } from '../platform/mirror/index.ts';

/** `v.alert_v1`. */
export const alertMirror: MirrorDeclaration = {
  name: 'alert',
  from: 'alerts.alert',
  key: { column: 'id', type: 'integer' },
  columns: [
    { name: 'id', type: 'integer' },
    { name: 'source', type: 'text' },
    { name: 'rule', type: 'text' },
    { name: 'title_zh', type: 'text', sql: "r.title->>'zh'" },
    { name: 'title_en', type: 'text', sql: "r.title->>'en'" },
    { name: 'category', type: 'text' },
    { name: 'event', type: 'text' },
    { name: 'level', type: 'integer' },
    { name: 'peak', type: 'integer' },
    { name: 'state', type: 'text' },
    { name: 'opened_at', type: 'timestamp' },
    { name: 'changed_at', type: 'timestamp' },
    { name: 'closed_at', type: 'timestamp' },
    { name: 'entity', type: 'text' },
    { name: 'type', type: 'text' },
    { name: 'property', type: 'text' },
    { name: 'label_zh', type: 'text', sql: "r.label->>'zh'" },
    { name: 'lon', type: 'double' },
    { name: 'lat', type: 'double' },
    { name: 'owner', type: 'text' },
    { name: 'members', type: 'integer' },
    { name: 'storm', type: 'boolean' },
    { name: 'acknowledged_at', type: 'timestamp' },
    { name: 'silenced', type: 'integer' },
    { name: 'inhibited', type: 'integer' },
    { name: 'exercise', type: 'boolean' },
  ],
};
