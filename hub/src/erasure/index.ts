/** The door of erasure (个人信息删除): a person's lawful request, or the end of a purpose (docs/erasure.md). */
export { erasurePorts, erasureRoom } from './module.ts';
