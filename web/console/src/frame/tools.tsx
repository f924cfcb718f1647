/** Tools of the top bar: language, light and dark, the person's own menu. */
import {
  BulbOutlined,
  GlobalOutlined,
  LogoutOutlined,
  MoonOutlined,
  SafetyOutlined,
  SunOutlined,
  SwapOutlined,
  UserOutlined,
} from '@ant-design/icons';
import { useNavigate } from '@tanstack/react-router';
import { Button, Dropdown, Tooltip } from 'antd';
import { setLanguage, useSpeech } from '../i18n/index.ts';
import { useLeaving } from '../pages/forms/offline/leaving.tsx';
import { usePurposeDialog } from '../session/purpose.tsx';
import { useSession, useSignOut } from '../session/session.tsx';
import { type ThemeChoice, useTheme } from '../theme/mode.tsx';

export function LanguageSwitch() {
  const { language, t } = useSpeech();
  const other = language === 'zh' ? 'en' : 'zh';
  return (
    <Tooltip title={t('frame.other-language')}>
      <Button
        type="text"
        icon={<GlobalOutlined />}
        lang={other === 'zh' ? 'zh-CN' : 'en'}
        aria-label={`${other === 'zh' ? '中' : 'EN'} · ${t('frame.other-language')}`}
        onClick={() => setLanguage(other)}
      >
        {other === 'zh' ? '中' : 'EN'}
      </Button>
    </Tooltip>
  );
}

export function ThemeSwitch() {
  const { t } = useSpeech();
  const { choice, choose } = useTheme();
  const icon = { system: <BulbOutlined />, light: <SunOutlined />, dark: <MoonOutlined /> };
  const choices: ThemeChoice[] = ['system', 'light', 'dark'];
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        selectable: true,
        selectedKeys: [choice],
        items: choices.map((key) => ({ key, label: t(`frame.theme.${key}`), icon: icon[key] })),
        onClick: ({ key }) => choose(key as ThemeChoice),
      }}
    >
      <Button type="text" icon={icon[choice]} aria-label={t('frame.theme.label')} />
    </Dropdown>
  );
}

export function UserMenu() {
  const { t } = useSpeech();
  const { me, may } = useSession();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const leaving = useLeaving();
  const { ask } = usePurposeDialog();
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          {
            key: 'who',
            type: 'group',
            label: `${me.user.name} · ${me.roles.map((role) => t(`frame.role.${role}`)).join(' / ')}`,
          },
          ...(may('credit.read') || may('person.read') || may('quarantine.mend')
            ? [
                {
                  key: 'purpose',
                  icon: <SafetyOutlined />,
                  label: me.purpose ? t('frame.purpose.change') : t('frame.purpose.title'),
                },
              ]
            : []),
          { key: 'account', icon: <UserOutlined />, label: t('titles.account') },
          { key: 'roles', icon: <SwapOutlined />, label: t('titles.own-roles') },
          { type: 'divider' as const },
          { key: 'out', icon: <LogoutOutlined />, label: t('frame.sign-out') },
        ],
        onClick: ({ key }) => {
          if (key === 'account') void navigate({ to: '/account' });
          if (key === 'roles') void navigate({ to: '/account/roles' });
          if (key === 'purpose') ask();
          if (key === 'out') void leaving().then((go) => (go ? signOut() : undefined));
        },
      }}
    >
      <Button type="text" icon={<UserOutlined />}>
        <span className="only-wide">{me.user.name}</span>
        <span className="visually-hidden">{t('frame.user-menu')}</span>
      </Button>
    </Dropdown>
  );
}
