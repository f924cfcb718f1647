/** The calendar (签名日历): every second in which something was signed, with its root. Public: roots tell nothing of what was signed. */
import { describeTime } from '@jingwei/keyless';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, DatePicker } from 'antd';
import dayjs from 'dayjs';
import { useId } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Hash } from '../../components/value.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { inWords } from './compare.tsx';
import { Paging } from './seals.tsx';
import { statusQuery } from './service.ts';
import { ServiceNote } from './service-note.tsx';
import { ImprintText } from './steps.tsx';
import { timeText } from './time.tsx';

/** Minutes by which Beijing time is ahead of UTC. */
const BEIJING = 8 * 60;

export default function Calendar() {
  const { t } = useSpeech();
  const url = useUrlState();
  const status = useQuery(statusQuery);
  const before = url.get('before');
  const second = url.get('time');
  const list = useQuery({
    queryKey: ['trust', 'calendar', before],
    queryFn: ({ signal }) => api.get('/api/v1/trust/calendar', { query: { before, limit: 50 }, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page title={t('titles.calendar')} lead={t('trust.calendar.lead')}>
      <div className="stack">
        <ServiceNote query={status} />
        {second ? <Second time={second} /> : null}
        <div>
          <Jump />
          <Loaded query={list}>
            {(data) => (
              <div className="stack-s">
                <DataTable
                  caption={t('titles.calendar')}
                  rows={data.items}
                  rowKey={(row) => row.time}
                  chosen={(row) => String(row.time) === second}
                  empty={
                    <div className="panel">
                      <Empty title={t('trust.calendar.empty')}>{t('trust.calendar.empty-text')}</Empty>
                    </div>
                  }
                  columns={[
                    {
                      key: 'at',
                      title: t('trust.calendar.second'),
                      head: true,
                      tight: true,
                      render: (row) => (
                        <button
                          type="button"
                          className="link-button num"
                          aria-pressed={String(row.time) === second}
                          onClick={() => url.set({ time: row.time })}
                        >
                          {instant(row.at)}
                        </button>
                      ),
                    },
                    { key: 'unix', title: 'Unix', align: 'end', tight: true, render: (row) => row.time },
                    {
                      key: 'root',
                      title: t('trust.calendar.root'),
                      render: (row) => <Hash value={row.root.slice(2)} />,
                    },
                    {
                      key: 'calendar',
                      title: t('trust.calendar.calendar-root'),
                      render: (row) =>
                        row.calendarRoot ? (
                          <Hash value={row.calendarRoot.slice(2)} />
                        ) : (
                          <span className="quiet">—</span>
                        ),
                    },
                  ]}
                />
                <Paging next={data.next} />
              </div>
            )}
          </Loaded>
        </div>
      </div>
    </Page>
  );
}

/** Goes to a moment: the list begins with the last second signed up to then. */
function Jump() {
  const { t } = useSpeech();
  const url = useUrlState();
  const id = useId();
  const before = url.get('before');
  return (
    <search className="filters">
      <div className="filter" style={{ minWidth: 220 }}>
        <label htmlFor={id}>{t('trust.calendar.jump')}</label>
        <DatePicker
          id={id}
          showTime
          aria-label={t('trust.calendar.jump')}
          // What is picked and shown is Beijing time, wherever the device is.
          value={before ? shown(Number(before) - 1) : null}
          format="YYYY-MM-DD HH:mm:ss"
          onChange={(next) => url.set({ before: next ? unixOf(next) + 1 : undefined, time: undefined })}
        />
      </div>
      {before ? (
        <Button type="text" onClick={() => url.set({ before: undefined, time: undefined })}>
          {t('trust.calendar.newest')}
        </Button>
      ) : null}
    </search>
  );
}

/** A Unix second as the picker shows it: its clock is the device's, so Beijing's is set into it. */
const shown = (unix: number) =>
  dayjs(new Date(unix * 1000)).add(BEIJING + new Date(unix * 1000).getTimezoneOffset(), 'minute');
const unixOf = (picked: dayjs.Dayjs): number => {
  const text = picked.format('YYYY-MM-DDTHH:mm:ss');
  return Math.floor(Date.parse(`${text}+08:00`) / 1000);
};

function Second({ time }: { time: string }) {
  const { t, language } = useSpeech();
  const query = useQuery({
    queryKey: ['trust', 'second', time],
    queryFn: ({ signal }) => api.get('/api/v1/trust/calendar/{time}', { params: { time }, signal }),
  });
  return (
    <Loaded query={query}>
      {(data) => (
        <Panel title={timeText(describeTime(BigInt(data.time)), language)}>
          <Facts>
            <Fact label={t('trust.calendar.root')} wide>
              <ImprintText of={inWords(data.root)} />
            </Fact>
            {data.calendarRoot ? (
              <Fact label={t('trust.calendar.calendar-root')} wide>
                <ImprintText of={inWords(data.calendarRoot)} />
              </Fact>
            ) : null}
          </Facts>
          <p className="small quiet" style={{ marginBlockStart: 10 }}>
            {t('trust.calendar.second-text')}
          </p>
        </Panel>
      )}
    </Loaded>
  );
}
