/** The door of subscriptions: changes pushed to granted recipients (数据订阅推送). */
export { createBody as subscriptionBody } from './api.ts';
export { create as createSubscription } from './manage/act.ts';
export { subscriptionPortsOf, subscriptionsRoom } from './module.ts';
export { subscribed } from './store.ts';
