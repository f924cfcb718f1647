/** The living city: sensors, scripted days, events with truth, assets, land and buildings; see the README's section. */
export { type Asset, type AssetKind, assetsOf, nearestAsset } from './assets.ts';
export { type Buildings, buildingsOf, buildingUses, outlineOf } from './buildings.ts';
export { type DayKind, dayOf, dayStart, kindOfDay } from './calendar.ts';
export { LiveCity, type LiveOptions, type LiveReadings, type LiveTruth, liveCity, type Window } from './city.ts';
export {
  type Channel,
  type EventDay,
  type EventDayOptions,
  type EventReport,
  eventDay,
  type TrueEvent,
} from './events.ts';
export type { Fault, FaultKind } from './faults.ts';
export { distance, type Ground, groundOf, type LonLat, type River, type Road, type Town } from './ground.ts';
export { channels, type EventHistory, eventHistory } from './history.ts';
export { type Matter, matters } from './matters.ts';
export { type Scene, type SceneKind, type SceneOptions, sceneHours } from './scenes.ts';
export { baseSeries, type Category, type LiveSeries, type Measured, type Station } from './stations.ts';
export { terrainLines } from './terrain.ts';
export { levels } from './water.ts';
