/** The door of gateway: data services by an interface for granted recipients (服务接口网关). */
export { gatewayRoom } from './module.ts';
