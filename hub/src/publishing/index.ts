/** The door of publishing: open data (公共数据开放). */
export { publishingRoom } from './module.ts';
