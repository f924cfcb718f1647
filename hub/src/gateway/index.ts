/** The door of gateway: data services by an interface for granted recipients (服务接口网关). */
export { type AssessedCalls, assessedCalls } from './assessed.ts';
export { authenticateBearer, type Caller, type CallerHost, challengeOf } from './caller.ts';
export { gatewayRoom } from './module.ts';
export { type ServiceUse, serviceUses } from './uses.ts';
