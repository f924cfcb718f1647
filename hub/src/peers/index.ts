/** The door of peers: other hubs: catalogues, requests and data up, down and sideways (上下级协同). */
export { peersRoom } from './module.ts';
