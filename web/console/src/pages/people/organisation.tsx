/** An organisation as it was on a day: its names, who answered for it, who worked there, and what bears its code. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { DatePicker } from 'antd';
import dayjs from 'dayjs';
import { useId } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Acts } from './organisations.tsx';
import { HeldTable, Roles, useNames } from './shared.tsx';

export default function OrganisationPage() {
  const { t, say } = useSpeech();
  const { code } = useParams({ strict: false }) as { code: string };
  const url = useUrlState();
  const { nameOf } = useNames();
  const asked = url.get('day');
  const dayId = useId();
  const view = useQuery({
    queryKey: ['people', 'organisation', code, asked],
    queryFn: ({ signal }) =>
      api.get('/api/v1/people/organisations/{code}', {
        params: { code },
        query: asked ? { day: asked } : {},
        signal,
      }),
    placeholderData: keepPreviousData,
  });
  useTabTitle(view.data ? say(view.data.name) : undefined);
  return (
    <Page
      title={view.data ? say(view.data.name) : code}
      back={{ to: '/system/organisations', label: t('titles.people-organisations') }}
      actions={
        <label className="row small" htmlFor={dayId}>
          {t('people.org.on-day')}
          <DatePicker
            id={dayId}
            value={asked ? dayjs(asked) : null}
            onChange={(d) => url.set({ day: d ? d.format('YYYY-MM-DD') : undefined })}
            placeholder={t('people.org.today')}
          />
        </label>
      }
    >
      <Loaded query={view}>
        {(data) => (
          <div className="stack">
            <Panel title={t('people.org.standing', { day: day(data.day) })}>
              <Facts>
                <Fact label={t('people.org.code')}>
                  <span className="mono">{data.code}</span>
                </Fact>
                <Fact label={t('people.org.uscc')}>
                  <span className="mono">{data.uscc ?? '—'}</span>
                </Fact>
                <Fact label={t('exchange.state')}>
                  {data.to === null ? (
                    <Label tone="good">{t('people.org.alive')}</Label>
                  ) : (
                    <Label>{t('people.org.ended', { day: day(data.to) })}</Label>
                  )}
                </Fact>
                <Fact label={t('people.org.answers')}>
                  {data.current ? nameOf(data.current) : t('people.org.nobody')}
                </Fact>
                {data.formers.length ? (
                  <Fact label={t('people.org.formers')}>{data.formers.map((f) => nameOf(f)).join('、')}</Fact>
                ) : null}
              </Facts>
            </Panel>
            <div className="cols-2">
              <Panel title={t('people.org.names')} flush>
                <DataTable
                  caption={t('people.org.names')}
                  rows={data.periods}
                  rowKey={(row) => row.from ?? ''}
                  columns={[
                    { key: 'name', title: t('people.org.name'), head: true, render: (row) => say(row.name) },
                    {
                      key: 'days',
                      title: t('people.days'),
                      tight: true,
                      render: (row) => (
                        <span className="num">
                          {row.from ? day(row.from) : '…'} – {row.to ? day(row.to) : '…'}
                        </span>
                      ),
                    },
                  ]}
                />
              </Panel>
              <Panel title={t('people.org.members', { n: data.members.length })} flush={data.members.length > 0}>
                <DataTable
                  caption={t('people.org.members', { n: data.members.length })}
                  rows={data.members}
                  rowKey={(row) => row.login}
                  empty={<Empty title={t('people.org.no-members')} />}
                  columns={[
                    {
                      key: 'who',
                      title: t('frame.account.name'),
                      head: true,
                      render: (row) => (
                        <>
                          {row.name} <span className="mono small quiet">{row.login}</span>
                        </>
                      ),
                    },
                    { key: 'roles', title: t('frame.account.roles'), render: (row) => <Roles of={row.roles} /> },
                  ]}
                />
              </Panel>
            </div>
            <Panel title={t('people.org.bears')} flush={data.held.length > 0}>
              <HeldTable of={data.held} caption={t('people.org.bears')} empty={t('people.org.stays-none')} />
            </Panel>
            <Panel title={t('people.org.acts')} flush={data.acts.length > 0}>
              <Acts of={data.acts} />
            </Panel>
            <p className="small">
              <Link to="/system/users" search={{} as never}>
                {t('titles.users')}
              </Link>
            </p>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
