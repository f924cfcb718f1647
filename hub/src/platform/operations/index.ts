/** Running the hub (运行保障): how every part stands, what is slow, what fails, and back-pressure before the disk is full. */
export { DiskGuard, diskFull } from './guard.ts';
export { MemoryGuard, memoryShort } from './memory.ts';
export { Observed, shapeOf } from './observed.ts';
export { type Part, type Standing, size } from './parts.ts';
export { type Kept, oldestOf } from './retention.ts';
export { operationsRoutes } from './routes.ts';
export { Operations } from './service.ts';
