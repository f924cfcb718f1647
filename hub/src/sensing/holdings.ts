/** What people and organisations hold of sensing. */
import type { HoldingKind } from '../platform/people/index.ts';

/** What people and organisations hold here (platform/people). Examples are numbers and codes: administrators read them. */
export const sensingHoldings: readonly HoldingKind[] = [
  {
    kind: 'sensing.gateway',
    title: { zh: '设备网关', en: 'Device gateways' },
    of: 'organisation',
    weight: 'name',
    page: '/sensing/intake',
    table: 'sensing.gateway',
    column: 'owner',
    where: "t.state = 'active'",
    shown: 't.id',
  },
  {
    kind: 'sensing.entity',
    title: { zh: '感知设备', en: 'Sensors and devices' },
    of: 'organisation',
    weight: 'name',
    page: '/sensing',
    table: 'sensing.entity',
    column: 'owner',
    where: 't.active',
    shown: 't.id',
  },
  {
    kind: 'sensing.camera',
    title: { zh: '摄像机', en: 'Cameras' },
    of: 'organisation',
    weight: 'name',
    page: '/sensing/video',
    table: 'sensing.camera',
    column: 'owner',
    where: "t.state <> 'retired'",
    shown: 't.code',
  },
  {
    kind: 'sensing.key',
    title: { zh: '经手的网关密钥，须更换', en: 'Keys of gateways that they made, to be exchanged' },
    of: 'login',
    weight: 'key',
    page: '/sensing/intake',
    table: 'sensing.gateway_key',
    column: 'created_by',
    where: 't.ended_at IS NULL',
    shown: 't.gateway',
  },
];
