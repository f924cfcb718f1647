/**
 * The door of sensing. Sensing (感知): devices, readings, video directory.
 *
 * Views in the lake, for cockpits and others (instants are UTC, TIMESTAMP):
 * - `v.series_v1 (series, entity, type, property, unit, lon, lat, owner, label_zh, label_en, "interval", active)`
 * - `v.reading_v1 (series, at, value, flag)`: every kept reading not older than the retention
 * - `v.reading_hour_v1 (series, hour, n, least, most, mean, last)`
 * - `v.reading_day_v1 (series, day DATE, n, least, most, mean, last)`: days of Asia/Shanghai
 * - `v.latest_v1 (series, at, value)`: the newest reading of every series, a few seconds old at most
 * - `v.intake_v1 (minute, gateway, received, kept, late, repeated, refused)`
 */
export { type CameraInput, demoField, type EntityInput, type FieldDoor } from './demo-field.ts';
export { sensingRoom } from './module.ts';
export {
  type Area,
  BATCH_LIMIT,
  type Health,
  type Point,
  REPLAY_MINUTES,
  type ReadingsBatch,
  type Rollup,
  readingFlag,
  readingsKept,
  type Sensing,
  type Series,
  type SeriesBook,
  seriesChanged,
} from './readings.ts';
export { sensingOf } from './service.ts';
export { checkCode, type VideoSeen, videoEventsAfter, videoSeen } from './video/cameras.ts';
