/** What the lake shows of command: `v.resource_v1`, `v.duty_v1`, `v.operation_v1`, `v.command_task_v1`. No names, no numbers of people. */
import type { MirrorDeclaration } from '../platform/mirror/index.ts';

const text = (name: string, sql?: string) => ({ name, type: 'text' as const, ...(sql ? { sql } : {}) });
const integer = (name: string, sql?: string) => ({ name, type: 'integer' as const, ...(sql ? { sql } : {}) });
const double = (name: string, sql?: string) => ({ name, type: 'double' as const, ...(sql ? { sql } : {}) });
const time = (name: string) => ({ name, type: 'timestamp' as const });
const flag = (name: string, sql?: string) => ({ name, type: 'boolean' as const, ...(sql ? { sql } : {}) });

export const commandMirrors: readonly MirrorDeclaration[] = [
  {
    ...{ name: 'resource', from: 'command.resource', key: { column: 'id', type: 'text' } },
    columns: [
      ...[text('id'), text('urn', `'urn:ngsi-ld:EmergencyResource:' || r.id`), text('kind'), text('type')],
      ...[text('name_zh', `r.name->>'zh'`), text('name_en', `r.name->>'en'`), text('organisation'), text('state')],
      ...[double('lon'), double('lat'), text('address'), integer('capacity'), double('quantity', 'r.quantity::float8')],
      ...[
        double('lent', 'r.lent::float8'),
        double('least', 'r.least::float8'),
        text('unit'),
        integer('operation'),
        time('changed_at'),
      ],
    ],
  },
  {
    ...{ name: 'duty', from: 'command.shift', key: { column: 'id', type: 'integer' } },
    columns: [
      ...[
        integer('id'),
        text('post'),
        text('organisation', '(SELECT p.organisation FROM command.post p WHERE p.id = r.post)'),
      ],
      ...[time('starts_at'), time('ends_at'), text('state'), flag('deputy', 'r.deputy IS NOT NULL')],
    ],
  },
  {
    ...{ name: 'operation', from: 'command.operation', key: { column: 'id', type: 'integer' } },
    columns: [
      ...[
        integer('id'),
        text('plan'),
        integer('plan_version'),
        text('title'),
        flag('exercise'),
        integer('level'),
        text('state'),
      ],
      ...[double('lon'), double('lat'), text('place'), time('started_at'), time('ended_at'), time('closed_at')],
    ],
  },
  {
    ...{ name: 'command_task', from: 'command.task', key: { column: 'id', type: 'integer' } },
    columns: [
      ...[
        integer('id'),
        integer('operation'),
        text('step'),
        text('role'),
        integer('level'),
        text('organisation'),
        text('state'),
      ],
      ...[
        integer('progress'),
        time('sent_at'),
        time('ack_due'),
        time('due'),
        time('acknowledged_at'),
        time('ended_at'),
        flag('late', 'r.told_late'),
      ],
    ],
  },
];
