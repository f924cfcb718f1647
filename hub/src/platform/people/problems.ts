/** Everything that people and organisations can refuse. */
import { problemKind } from '../problem.ts';

const kind = (code: string, status: number, zh: string, en: string) => problemKind(`people.${code}`, status, zh, en);

export const orgUnknown = kind('organisation-unknown', 404, '没有机构 {code}', 'there is no organisation {code}');
export const orgEnded = kind(
  'organisation-ended',
  409,
  '机构 {code} 在该日已撤并',
  'the organisation {code} is no more on that day',
);
export const orgTaken = kind('organisation-taken', 409, '机构代码 {code} 已被使用', 'the code {code} is taken');
export const heirWrong = kind(
  'heir-wrong',
  409,
  '承接机构 {code} 本身在同一事项中被撤销',
  'the successor {code} is itself ended by the same act',
);
export const actOrder = kind(
  'act-order',
  409,
  '机构 {code} 在该日之后已有变动，不得倒插',
  'the organisation {code} changed after that day: acts are recorded in their order',
);
export const actShape = kind('act-shape', 400, '此类事项缺少必要内容：{what}', 'an act of this kind needs: {what}');
export const actDay = kind(
  'act-day',
  400,
  '生效日应在过去 90 天至未来 366 天之间',
  'the day lies at most 90 days back and 366 days ahead',
);
export const actUnknown = kind('act-unknown', 404, '没有这个机构变动事项', 'there is no such act');
export const actState = kind('act-state', 409, '该事项已{state}，不能再变更', 'the act is {state} already');
export const actChanged = kind(
  'act-changed',
  409,
  '影响范围在您查看之后有变化，请重新查看后确认',
  'what it affects changed since you looked: look again before confirming',
);
export const actFourEyes = kind(
  'act-four-eyes',
  403,
  '提出人不得确认自己提出的机构变动',
  'who proposed an act does not confirm it',
);
export const moveForeign = kind(
  'move-foreign',
  400,
  '用户 {login} 不属于被撤并或被拆分的机构',
  'the user {login} does not belong to an organisation of the act',
);
export const userUnknown = kind('user-unknown', 404, '没有用户 {login}', 'there is no user {login}');
export const notYours = kind('not-yours', 403, '您无权办理此人的事项', 'this person is not yours to handle');
export const changePlanned = kind(
  'change-planned',
  409,
  '此人已有一项未生效的变动，请先取消',
  'a change of this person is planned already: cancel it first',
);
export const changeUnknown = kind('change-unknown', 404, '没有这项未生效的变动', 'there is no such planned change');
export const changeDay = kind(
  'change-day',
  400,
  '生效日应在今天至未来 366 天之间',
  'the day lies between today and 366 days ahead',
);
export const sameOrganisation = kind(
  'same-organisation',
  400,
  '此人已在该机构',
  'the person belongs to that organisation already',
);
export const handoverKind = kind('handover-kind', 400, '“{kind}”不能在此交接', '"{kind}" cannot be handed over here');
export const handoverTo = kind(
  'handover-to',
  400,
  '接收人 {login} 须是同一机构的在用用户',
  'who takes over, {login}, must be a working account of the same organisation',
);
export const lendDays = kind(
  'delegation-days',
  400,
  '委托期限应自今天起、不超过 {days} 天',
  'a role is lent from today on and for {days} days at most',
);
export const lendRole = kind(
  'delegation-role',
  403,
  '只能委托自己持有的业务角色；受托取得的与管理员角色不得委托',
  'only business roles of your own can be lent: none that was lent to you, none of administrators',
);
export const lendTo = kind(
  'delegation-to',
  400,
  '受托人 {login} 须是同一机构的其他在用用户，且不是管理员',
  'the role is lent to another working account of the same organisation, no administrator',
);
export const lendHeld = kind(
  'delegation-held',
  409,
  '{login} 已持有该角色或已受托',
  '{login} holds the role already, or has it lent',
);
export const lendPair = kind(
  'delegation-pair',
  409,
  '{login} 持有审批权，不得再受托提出事项的角色（四眼原则）',
  '{login} decides on what this role asks for: the two are not put into one hand',
);
export const lendUnknown = kind('delegation-unknown', 404, '没有这项委托', 'there is no such delegation');
export const campaignRuns = kind('recertification-runs', 409, '已有一次复核正在进行', 'a review is under way already');
export const campaignUnknown = kind('recertification-unknown', 404, '没有这次复核', 'there is no such review');
export const itemUnknown = kind('recertification-item-unknown', 404, '没有这项复核', 'there is no such item');
export const itemState = kind('recertification-item-state', 409, '该项已有结论', 'the item is decided already');
export const itemForeign = kind(
  'recertification-foreign',
  403,
  '这项角色不由您复核',
  'this role is not yours to review',
);
export const restoreNot = kind(
  'recertification-restore',
  409,
  '只有因逾期停用、且用户仍在原机构在用的角色可以恢复',
  'only a role that rests can be restored, of an account that works in the organisation of then',
);
export const commentNeeded = kind(
  'recertification-comment',
  400,
  '撤回角色须写明理由',
  'withdrawing a role needs a reason',
);
