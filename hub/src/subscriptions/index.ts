/** The door of subscriptions: changes pushed to granted recipients (数据订阅推送). */
export { subscriptionsRoom } from './module.ts';
export { Networks } from './push/networks.ts';
