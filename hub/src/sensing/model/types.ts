/**
 * Entities and their properties by the names of the Smart Data Models, with the unit that values are kept in and what is possible at all.
 * An entity of another type, or a property that is not listed, may be registered too when its unit is given.
 */

/** What is known of a property. */
export interface PropertyModel {
  zh: string;
  en: string;
  /** Code of the unit that values are kept in. */
  unit: string;
  /** Bounds of what is possible; beyond them a reading is impossible. */
  least: number;
  most: number;
  /** Grams a mole, of gases. */
  molar?: number;
}

/** What is known of a type. */
export interface TypeModel {
  zh: string;
  en: string;
  properties: Readonly<Record<string, PropertyModel>>;
}

const p = (zh: string, en: string, unit: string, least: number, most: number, molar?: number): PropertyModel => ({
  ...{ zh, en, unit, least, most },
  ...(molar ? { molar } : {}),
});

const weather = {
  temperature: p('气温', 'Temperature', 'CEL', -60, 65),
  relativeHumidity: p('相对湿度', 'Relative humidity', 'C62', 0, 1.05),
  windSpeed: p('风速', 'Wind speed', 'MTS', 0, 100),
  windDirection: p('风向', 'Wind direction', 'DD', 0, 360),
  atmosphericPressure: p('气压', 'Atmospheric pressure', 'A97', 850, 1090),
  precipitation: p('降水量', 'Precipitation', 'MMT', 0, 300),
};

/** The types that the city's sensors have. */
export const types: Readonly<Record<string, TypeModel>> = {
  AirQualityObserved: {
    ...{ zh: '空气质量', en: 'Air quality' },
    properties: {
      pm25: p('细颗粒物 PM2.5', 'PM2.5', 'GQ', 0, 2000),
      pm10: p('可吸入颗粒物 PM10', 'PM10', 'GQ', 0, 5000),
      tsp: p('总悬浮颗粒物', 'Total suspended particles', 'GQ', 0, 20_000),
      no2: p('二氧化氮', 'NO2', 'GQ', 0, 4000, 46.0055),
      no: p('一氧化氮', 'NO', 'GQ', 0, 4000, 30.0061),
      so2: p('二氧化硫', 'SO2', 'GQ', 0, 10_000, 64.066),
      o3: p('臭氧', 'O3', 'GQ', 0, 2000, 47.998),
      co: p('一氧化碳', 'CO', 'GP', 0, 200, 28.01),
      sh2: p('硫化氢', 'H2S', 'GQ', 0, 200_000, 34.08),
      nh3: p('氨', 'NH3', 'GQ', 0, 500_000, 17.031),
      volatileOrganicCompoundsTotal: p('总挥发性有机物', 'Total VOC', 'GQ', 0, 500_000),
      airQualityIndex: p('空气质量指数', 'Air quality index', 'C62', 0, 500),
      ...weather,
    },
  },
  WeatherObserved: {
    ...{ zh: '气象', en: 'Weather' },
    properties: {
      ...weather,
      dewPoint: p('露点', 'Dew point', 'CEL', -80, 45),
      solarRadiation: p('太阳辐射', 'Solar radiation', 'D54', 0, 1800),
      visibility: p('能见度', 'Visibility', 'MTR', 0, 100_000),
      snowHeight: p('积雪深度', 'Snow height', 'CMT', 0, 500),
      windGust: p('阵风', 'Gust', 'MTS', 0, 120),
    },
  },
  WaterObserved: {
    ...{ zh: '水文', en: 'Water' },
    properties: {
      waterLevel: p('水位', 'Water level', 'MTR', -20, 200),
      height: p('水深', 'Depth of water', 'MTR', 0, 100),
      flow: p('流量', 'Flow', 'MQS', -10_000, 200_000),
      waterDischarge: p('下泄流量', 'Discharge', 'MQS', 0, 200_000),
    },
  },
  FloodMonitoring: {
    ...{ zh: '积水监测', en: 'Flood monitoring' },
    properties: {
      currentLevel: p('积水深度', 'Current level', 'MTR', -5, 50),
      measuredDistance: p('测距', 'Measured distance', 'MTR', 0, 100),
    },
  },
  WaterQualityObserved: {
    ...{ zh: '水质', en: 'Water quality' },
    properties: {
      pH: p('酸碱度', 'pH', 'Q30', 0, 14),
      temperature: p('水温', 'Water temperature', 'CEL', -5, 60),
      turbidity: p('浊度', 'Turbidity', 'NTU', 0, 10_000),
      O2: p('溶解氧', 'Dissolved oxygen', 'M1', 0, 30),
      NH4: p('氨氮', 'Ammonium', 'M1', 0, 1000),
      chlorine: p('余氯', 'Chlorine', 'M1', 0, 50),
    },
  },
  NoiseLevelObserved: {
    ...{ zh: '噪声', en: 'Noise' },
    properties: {
      LAeq: p('等效声级', 'Equivalent level', '2N', 0, 160),
      LAmax: p('最大声级', 'Maximum level', '2N', 0, 180),
    },
  },
  OffStreetParking: {
    ...{ zh: '停车场', en: 'Car park' },
    properties: {
      availableSpotNumber: p('空余泊位', 'Free spaces', 'C62', 0, 100_000),
      occupiedSpotNumber: p('在停车辆', 'Occupied spaces', 'C62', 0, 100_000),
      totalSpotNumber: p('总泊位', 'Spaces', 'C62', 0, 100_000),
      occupancy: p('占用率', 'Occupancy', 'C62', 0, 1.2),
      vehicleEntranceCount: p('驶入', 'Vehicles in', 'C62', 0, 100_000),
      vehicleExitCount: p('驶出', 'Vehicles out', 'C62', 0, 100_000),
    },
  },
  TrafficFlowObserved: {
    ...{ zh: '交通流', en: 'Traffic flow' },
    properties: {
      intensity: p('流量', 'Vehicles', 'C62', 0, 20_000),
      averageVehicleSpeed: p('平均车速', 'Average speed', 'KMH', 0, 250),
      occupancy: p('时间占有率', 'Occupancy', 'C62', 0, 1),
      averageHeadwayTime: p('车头时距', 'Headway', 'SEC', 0, 3600),
    },
  },
  CrowdFlowObserved: {
    ...{ zh: '人流', en: 'Crowd flow' },
    properties: {
      peopleCount: p('在场人数', 'People', 'C62', 0, 1_000_000),
      peopleCountTowards: p('进入人数', 'People in', 'C62', 0, 1_000_000),
      peopleCountAway: p('离开人数', 'People out', 'C62', 0, 1_000_000),
      occupancy: p('承载率', 'Occupancy', 'C62', 0, 5),
    },
  },
  Pump: {
    ...{ zh: '排涝泵站', en: 'Pumping station' },
    properties: {
      runningPumps: p('运行机组', 'Pumps running', 'C62', 0, 200),
      flow: p('抽排流量', 'Flow', 'MQS', 0, 2000),
    },
  },
  School: {
    ...{ zh: '学校', en: 'School' },
    properties: { studentsPresent: p('在校学生', 'Students present', 'C62', 0, 100_000) },
  },
  Hospital: {
    ...{ zh: '医院', en: 'Hospital' },
    properties: {
      outpatientCount: p('当日门诊', 'Outpatients today', 'C62', 0, 1_000_000),
      occupiedBeds: p('占用床位', 'Occupied beds', 'C62', 0, 100_000),
    },
  },
  ACMeasurement: {
    ...{ zh: '用电', en: 'Power' },
    properties: {
      totalActivePower: p('有功功率', 'Active power', 'KWT', -10_000_000, 10_000_000),
      totalActiveEnergyImport: p('用电量', 'Energy', 'KWH', 0, 1e12),
    },
  },
  Device: {
    ...{ zh: '设备', en: 'Device' },
    properties: {
      batteryLevel: p('电量', 'Battery', 'C62', 0, 1),
      rssi: p('信号强度', 'Signal', 'DBM', -200, 20),
    },
  },
};

/** What is known of a property of a type. */
export const propertyModel = (type: string, property: string): PropertyModel | undefined =>
  types[type]?.properties[property];
