/** Why a reading is not kept. A repeated one was kept before and is no fault; every other reason is a refusal (拒收). */
export const refusals = {
  'not-a-number': { zh: '数值不是有限数字', en: 'the value is no finite number' },
  time: { zh: '时间无法识别', en: 'the time cannot be read' },
  clock: { zh: '设备时钟未校准（早于 2000 年）', en: 'the clock of the device was never set (before 2000)' },
  future: { zh: '时间在未来', en: 'the time lies in the future' },
  expired: { zh: '早于保存期限', en: 'older than readings are kept' },
  impossible: { zh: '数值超出可能范围', en: 'the value lies outside what is possible' },
  flood: { zh: '上报过于频繁', en: 'too close to the reading before it' },
  unknown: { zh: '未登记的设备或属性', en: 'no such entity or property is registered' },
  'not-allowed': { zh: '网关无权写入该设备', en: 'the gateway may not write this entity' },
  unit: { zh: '计量单位无法换算', en: 'its unit cannot be converted' },
  retired: { zh: '设备已停用', en: 'the entity is out of service' },
  shape: { zh: '格式不正确', en: 'not of the form of a reading' },
} as const;

export type Refusal = keyof typeof refusals;

/** Every refusal, in the order in which they are shown. */
export const refusalCodes = Object.keys(refusals) as Refusal[];
