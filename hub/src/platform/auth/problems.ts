/** Everything that signing in, accounts and roles can refuse. */
import { problemKind } from '../problem.ts';

export const signInFailed = problemKind(
  'auth.sign-in-failed',
  401,
  '用户名或密码不正确',
  'the login or the password is not right',
);
export const locked = problemKind(
  'auth.locked',
  429,
  '失败次数过多，请在 {until} 之后再试',
  'too many failures: try again after {until}',
);
export const disabledAccount = problemKind('auth.disabled', 403, '账号已停用', 'the account is disabled');
export const codeNeeded = problemKind(
  'auth.code-needed',
  401,
  '请输入动态验证码或恢复码',
  "enter the authenticator's code or a recovery code",
);
export const codeWrong = problemKind(
  'auth.code-wrong',
  401,
  '动态验证码不正确或已使用',
  'the code is wrong or was used already',
);
export const mustChange = problemKind(
  'auth.password-must-change',
  403,
  '请先修改一次性密码或到期密码',
  'change the one-time or expired password first',
);
export const currentWrong = problemKind(
  'auth.current-password-wrong',
  403,
  '当前密码不正确',
  'the current password is wrong',
);
export const weak = problemKind('auth.password-weak', 400, '密码不符合要求', 'the password does not meet the policy');
export const weakLength = problemKind(
  'auth.password-too-short',
  400,
  '密码至少 {min} 个字符',
  'a password has at least {min} characters',
);
export const weakClasses = problemKind(
  'auth.password-classes',
  400,
  '密码须含大写、小写、数字、其他字符中的至少 {min} 类',
  'a password has at least {min} of upper case, lower case, digits and other characters',
);
export const weakLogin = problemKind(
  'auth.password-contains-login',
  400,
  '密码不得包含用户名',
  'a password does not contain the login',
);
export const weakCommon = problemKind(
  'auth.password-common',
  400,
  '密码过于常见或规律明显',
  'the password is common or follows a pattern',
);
export const weakReused = problemKind(
  'auth.password-reused',
  400,
  '不得使用最近 {count} 个用过的密码',
  'the last {count} passwords may not be used again',
);
export const totpState = problemKind(
  'auth.totp-state',
  409,
  '动态验证码的状态不允许此操作',
  'the authenticator is not in the state for this',
);
export const noUser = problemKind('auth.user-unknown', 404, '没有这个用户', 'there is no such user');
export const loginTaken = problemKind('auth.login-taken', 409, '用户名 {login} 已被使用', 'the login {login} is taken');
export const subjectTaken = problemKind(
  'auth.oidc-subject-taken',
  409,
  '该统一认证账号已绑定其他用户',
  "the provider's account is bound to another user",
);
export const bindingWithRoles = problemKind(
  'auth.binding-with-roles',
  409,
  '该用户已有角色，不得更改其统一认证账号：请由安全管理员先取消角色，改后重新授予',
  "this user holds roles, so the provider's account cannot be changed: the security administrator takes the roles away first and grants them again after",
);
export const notSuccessor = problemKind(
  'auth.not-successor',
  403,
  '您所在的机构不是 {organisation} 的承接机构',
  'your organisation is not the successor of {organisation}',
);
export const ownRequest = problemKind(
  'auth.own-request',
  403,
  '受委托行使职权的人不得审批自己提出的事项',
  'who acts for a colleague may not decide on what they asked for themselves',
);
export const organisationEnded = problemKind(
  'auth.organisation-ended',
  409,
  '机构 {organisation} 已撤并，请使用其承接机构',
  'the organisation {organisation} is no more: name its successor',
);
export const noSession = problemKind('auth.session-unknown', 404, '没有这个会话', 'there is no such session');
export const separation = problemKind(
  'auth.separation-of-duties',
  409,
  '角色 {a} 与 {b} 不得由同一人担任（三员分立）',
  'the roles {a} and {b} may not be held by one person',
);
export const organisationNeeded = problemKind(
  'auth.role-needs-organisation',
  400,
  '角色 {role} 须绑定到用户所属的机构',
  "the role {role} must be bound to the user's own organisation",
);
export const notSelf = problemKind(
  'auth.not-self',
  403,
  '不得对自己的账号执行此操作',
  'this may not be done to your own account',
);
export const lastAdministrator = problemKind(
  'auth.last-administrator',
  409,
  '这是最后一个可用的 {role}，不得停用或取消',
  'this is the last working {role}: it may not be disabled or taken away',
);
export const oidcOff = problemKind(
  'auth.oidc-off',
  404,
  '未启用统一身份认证登录',
  'sign-in by another provider is not configured',
);
export const oidcFailed = problemKind(
  'auth.oidc-failed',
  401,
  '统一身份认证未通过：{reason}',
  'the other provider did not confirm the sign-in: {reason}',
);
export const oidcUnknown = problemKind(
  'auth.oidc-unknown-user',
  403,
  '统一身份认证已通过，但本系统没有对应的用户，请联系系统管理员',
  'the provider knows you but no user here stands for you: ask the system administrator',
);
export const unknownToken = problemKind(
  'auth.token-unknown',
  404,
  '保险库中没有这个标识',
  'the vault does not hold this token',
);
/** Personal data is wanted plain, and only the purpose is missing: of the session, or of the request. */
export const purposeNeeded = problemKind(
  'auth.purpose-needed',
  403,
  '查看个人信息须先说明目的',
  'state the purpose before looking at personal data',
);
