/** The door of sensing. Sensing (感知): devices, readings, video directory. */
export { sensingRoom } from './module.ts';
