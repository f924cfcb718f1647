export { type MirrorColumn, type MirrorDeclaration, type MirrorType, mirrorTypes } from './declaration.ts';
export { mirrorJob, mirrorMigrations, mirrorRoutes } from './job.ts';
export { type MirrorPorts, type MirrorState, Mirrors, mirrored } from './mirrors.ts';
