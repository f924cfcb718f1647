/** The door of erasure (个人信息删除): a person's lawful request, or the end of a purpose (docs/erasure.md). */

export type { MatterView } from './api.ts';
export { erasurePorts, erasureRoom } from './module.ts';
export type { ErasurePorts } from './ports.ts';
export { carryOut, marksOf, stepsOf } from './run.ts';
export { matterOf } from './store.ts';
