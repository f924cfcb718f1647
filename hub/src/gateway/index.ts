/** The door of gateway: data services by an interface for granted recipients (服务接口网关). */
export { type AssessedCalls, assessedCalls } from './assessed.ts';
export { authenticateBearer, type Caller, type CallerHost, challengeOf } from './caller.ts';
export { clientRows } from './clients/store.ts';
export { clientBody, makeClient } from './manage.ts';
export { gatewayOf, gatewayRoom } from './module.ts';
export { type ServiceUse, serviceUses } from './uses.ts';
