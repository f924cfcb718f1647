/** Users and roles: the system administrator makes users, the security administrator gives them roles; neither does both. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Tabs } from 'antd';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Label, Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { CreateUser, EditUser, GrantRoles, ResetUser, UnlockUser } from './user-dialogs.tsx';

export type User = Answer<'/api/v1/users'>['items'][number];
export const roles = [
  'system-admin',
  'security-admin',
  'audit-admin',
  'data-steward',
  'data-officer',
  'analyst',
  'credit-user',
  'leader',
  'archivist',
  'department-head',
  'collector',
  'duty-officer',
  'field-officer',
] as const;

type Act = 'edit' | 'grant' | 'reset' | 'unlock';

export default function Users() {
  const { t } = useSpeech();
  const url = useUrlState();
  const tab = url.get('tab') || 'users';
  return (
    <Page title={t('titles.users')} lead={t('system.users.lead')}>
      <Tabs
        activeKey={tab}
        onChange={(key) => url.set({ tab: key === 'users' ? undefined : key })}
        items={[
          { key: 'users', label: t('system.users.tab'), children: tab === 'users' ? <List /> : null },
          { key: 'roles', label: t('system.roles.tab'), children: tab === 'roles' ? <Roles /> : null },
        ]}
      />
    </Page>
  );
}

function List() {
  const { t } = useSpeech();
  const url = useUrlState();
  const { may } = useSession();
  const [creating, setCreating] = useState(false);
  const [acting, setActing] = useState<{ act: Act; user: User } | null>(null);
  const query = { q: url.get('q'), role: url.get('role'), state: url.get('state'), after: url.get('after'), limit: 50 };
  const users = useQuery({
    queryKey: ['users', query],
    queryFn: ({ signal }) => api.get('/api/v1/users', { query, signal }),
    placeholderData: keepPreviousData,
  });
  const close = () => setActing(null);
  return (
    <>
      <div className="row spread row-top">
        <Filters keys={['q', 'role', 'state']}>
          <TextFilter name="q" label={t('common.search')} hint={t('system.users.search-hint')} width={180} />
          <ChoiceFilter
            name="role"
            label={t('system.users.role')}
            choices={roles.map((value) => ({ value, label: t(`frame.role.${value}`) }))}
          />
          <ChoiceFilter
            name="state"
            label={t('exchange.state')}
            width={120}
            choices={['active', 'disabled', 'locked'].map((value) => ({
              value,
              label: t(`system.users.state.${value}`),
            }))}
          />
        </Filters>
        {may('users.manage') ? (
          <Button type="primary" onClick={() => setCreating(true)}>
            {t('system.users.create')}
          </Button>
        ) : null}
      </div>
      <Loaded query={users}>
        {(data) => (
          <div className="stack-s">
            <DataTable
              caption={t('titles.users')}
              rows={data.items}
              rowKey={(row) => row.id}
              empty={
                <div className="panel">
                  <Empty title={t('system.users.empty')}>{t('system.users.empty-text')}</Empty>
                </div>
              }
              columns={[
                {
                  key: 'name',
                  title: t('frame.account.name'),
                  head: true,
                  render: (row) => (
                    <>
                      <Link to="/people/$user" params={{ user: row.id }} title={t('people.person.see')}>
                        {row.name}
                      </Link>
                      <div className="small quiet mono">{row.login}</div>
                    </>
                  ),
                },
                {
                  key: 'organisation',
                  title: t('frame.account.organisation'),
                  render: (row) => row.organisation ?? <span className="quiet">—</span>,
                },
                {
                  key: 'roles',
                  title: t('frame.account.roles'),
                  render: (row) =>
                    row.grants.length ? (
                      <span className="row" style={{ gap: 4 }}>
                        {row.grants.map((grant) => (
                          <Label
                            key={`${grant.role}-${grant.organisation}`}
                            tone={grant.effective ? 'primary' : undefined}
                            title={grant.effective ? undefined : t('system.users.not-effective')}
                          >
                            {t(`frame.role.${grant.role}`)}
                            {grant.organisation ? ` · ${grant.organisation}` : ''}
                          </Label>
                        ))}
                      </span>
                    ) : (
                      <span className="quiet">{t('system.users.no-role')}</span>
                    ),
                },
                {
                  key: 'state',
                  title: t('exchange.state'),
                  tight: true,
                  render: (row) => (
                    <span className="row" style={{ gap: 4 }}>
                      <UserState user={row} />
                      {row.totp ? <Label tone="good">{t('frame.account.totp')}</Label> : null}
                      {row.oidc ? <Label>OIDC</Label> : null}
                    </span>
                  ),
                },
                {
                  key: 'last',
                  title: t('system.users.last'),
                  tight: true,
                  render: (row) => <Instant at={row.lastSignInAt} />,
                },
                {
                  key: 'acts',
                  title: <span className="visually-hidden">{t('system.users.acts')}</span>,
                  tight: true,
                  render: (row) => (
                    <span className="row" style={{ gap: 10, flexWrap: 'nowrap' }}>
                      {acts(row, may).map((act) => (
                        <button
                          key={act}
                          type="button"
                          className="link-button"
                          onClick={() => setActing({ act, user: row })}
                        >
                          {t(`system.users.act.${act}`)}
                        </button>
                      ))}
                    </span>
                  ),
                },
              ]}
            />
            <div className="row spread">
              <span className="small quiet">{t('common.total', { n: full(data.total) })}</span>
              <span className="row">
                {url.get('after') ? (
                  <Button size="small" onClick={() => url.set({ after: undefined })}>
                    {t('common.first')}
                  </Button>
                ) : null}
                {data.next ? (
                  <Button size="small" onClick={() => url.set({ after: data.next ?? undefined })}>
                    {t('common.next')}
                  </Button>
                ) : null}
              </span>
            </div>
          </div>
        )}
      </Loaded>
      {creating ? <CreateUser onClose={() => setCreating(false)} /> : null}
      {acting?.act === 'edit' ? <EditUser user={acting.user} onClose={close} /> : null}
      {acting?.act === 'grant' ? <GrantRoles user={acting.user} onClose={close} /> : null}
      {acting?.act === 'reset' ? <ResetUser user={acting.user} onClose={close} /> : null}
      {acting?.act === 'unlock' ? <UnlockUser user={acting.user} onClose={close} /> : null}
    </>
  );
}

function acts(user: User, may: (permission: string) => boolean): Act[] {
  return [
    ...(may('users.manage') ? (['edit'] as const) : []),
    ...(may('roles.manage') ? (['grant', 'reset'] as const) : []),
    ...(may('roles.manage') && user.lockedUntil ? (['unlock'] as const) : []),
  ];
}

function UserState({ user }: { user: User }) {
  const { t } = useSpeech();
  if (user.disabled) return <Label tone="bad">{t('system.users.state.disabled')}</Label>;
  if (user.lockedUntil) return <Label tone="warn">{t('system.users.state.locked')}</Label>;
  if (user.mustChangePassword) return <Label tone="info">{t('system.users.one-time')}</Label>;
  return <Label>{t('system.users.state.active')}</Label>;
}

function Roles() {
  const { t, say } = useSpeech();
  const table = useQuery({
    queryKey: ['roles'],
    queryFn: ({ signal }) => api.get('/api/v1/roles', { signal }),
    staleTime: 600_000,
  });
  return (
    <Loaded query={table}>
      {(data) => {
        const permissions = [...new Set(data.roles.flatMap((role) => role.permissions))];
        return (
          <div className="stack-s">
            <p className="quiet small">{t('system.roles.lead')}</p>
            <DataTable
              caption={t('system.roles.tab')}
              rows={permissions}
              rowKey={(row) => row}
              columns={[
                {
                  key: 'permission',
                  title: t('system.roles.permission'),
                  head: true,
                  render: (row) => (
                    <>
                      {t(`system.permission.${row}`, { defaultValue: row })}{' '}
                      <span className="mono small quiet">{row}</span>
                    </>
                  ),
                },
                ...data.roles.map((role) => ({
                  key: role.role,
                  title: say(role.title),
                  align: 'middle' as const,
                  render: (row: (typeof permissions)[number]) =>
                    role.permissions.includes(row) ? (
                      <span className="good-text" role="img" aria-label={t('common.yes')}>
                        ●
                      </span>
                    ) : (
                      <span className="visually-hidden">{t('common.no')}</span>
                    ),
                })),
              ]}
            />
          </div>
        );
      }}
    </Loaded>
  );
}
