/** 校核: asks the department of a source to correct one value of a record, wherever the record is shown. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Input, Modal, Select } from 'antd';
import { useId, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts, Label } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';

/** A received row by its fact's number, or an entity of a library (`legal-person`, or a declared one). */
export type RecordTarget = { fact: string } | { library: string; entity: string };
type Item = Answer<'/api/v1/libraries/corrections/possible'>['items'][number];

/** What of a record may be corrected and what is being corrected; asked for only where `enabled`. */
export function usePossible(target: RecordTarget, enabled = true) {
  return useQuery({
    queryKey: ['corrections', 'possible', target],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/corrections/possible', { query: target, signal }),
    enabled,
  });
}

/** By which an item is asked about: the attribute of an entity, the field of a row. */
const nameOf = (target: RecordTarget, item: Item) => ('fact' in target ? item.field : item.attribute);

/** Says that something is being corrected, and leads to it whoever may see the desk of corrections. */
export function OpenCorrection({ of }: { of: NonNullable<Item['open']> }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const text = t('correct.raise.running', { id: of.id });
  const title = `${t(`correct.state.${of.state === 'list-wrong' ? 'source-right' : of.state}`)} · ${t('correct.due')} ${of.due ? day(of.due) : t('correct.waits', { year: of.missingYear })}`;
  return (
    <Label tone={of.overdue ? 'bad' : 'warn'} title={title}>
      {may('lists.read') ? (
        <Link to="/corrections" search={{ correction: String(of.id) } as never}>
          {text}
        </Link>
      ) : (
        text
      )}
    </Label>
  );
}

/** The state of one attribute's correction, where there is one. */
export function AttributeCorrection({
  possible,
  attribute,
}: {
  possible: ReturnType<typeof usePossible>;
  attribute: string;
}) {
  const open = possible.data?.items.find((i) => i.attribute === attribute)?.open;
  return open ? <OpenCorrection of={open} /> : null;
}

/** The small action beside a record or a value. `of`: what it is about, for those who hear it; `only`: the one value meant. */
export function CorrectButton({ target, only, of }: { target: RecordTarget; only?: string; of: string }) {
  const { t } = useSpeech();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className="link-button nowrap"
        aria-haspopup="dialog"
        aria-label={`${t('correct.raise.action')} ${of}`}
        onClick={() => setOpen(true)}
      >
        {t('correct.raise.action')}
      </button>
      {open ? <CorrectDialog target={target} only={only} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function CorrectDialog({
  target,
  only,
  onClose,
}: {
  target: RecordTarget;
  only: string | undefined;
  onClose: () => void;
}) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useId();
  const possible = usePossible(target);
  const [chosen, setChosen] = useState(only);
  const [comment, setComment] = useState('');
  const item = possible.data?.items.find((i) => nameOf(target, i) === chosen);
  const send = useMutation({
    mutationFn: () => {
      const said = comment.trim();
      const body =
        'fact' in target
          ? { fact: target.fact, field: chosen!, comment: said }
          : { library: target.library, entity: Number(target.entity), attribute: chosen!, comment: said };
      return api.post('/api/v1/libraries/corrections', { body });
    },
    onSuccess: (made) => {
      const due = made.due ? day(made.due) : t('correct.waits', { year: made.missingYear });
      message.success(t('correct.raise.done', { id: made.id, owner: say(made.ownerName), due }));
      onClose();
      return client.invalidateQueries({ queryKey: ['corrections'] });
    },
  });
  return (
    <Modal
      open
      title={t('correct.raise.title')}
      okText={t('correct.raise.send')}
      cancelText={t('common.cancel')}
      okButtonProps={{
        disabled: !item || item.open !== null || comment.trim().length < 4,
        loading: send.isPending,
      }}
      onOk={() => send.mutate()}
      onCancel={onClose}
    >
      <Loaded query={possible}>
        {(data) =>
          data.items.length === 0 || (only !== undefined && !item) ? (
            <p className="quiet">{t('correct.raise.nothing')}</p>
          ) : (
            <div className="stack-s">
              <p className="small quiet">{t('correct.raise.lead')}</p>
              {only === undefined ? (
                <>
                  <label htmlFor={`${id}-f`}>{t('correct.field')}</label>
                  <Select
                    id={`${id}-f`}
                    aria-label={t('correct.field')}
                    placeholder={t('correct.raise.choose')}
                    value={chosen ?? null}
                    onChange={(value: string) => setChosen(value)}
                    options={data.items.map((i) => ({
                      value: nameOf(target, i) ?? i.field,
                      label: `${say(i.title)}${i.open ? ` · ${t('correct.raise.running', { id: i.open.id })}` : ''}`,
                    }))}
                  />
                </>
              ) : null}
              {item ? (
                <Facts>
                  {only === undefined ? null : <Fact label={t('correct.field')}>{say(item.title)}</Fact>}
                  <Fact label={t('correct.raise.to')}>{say(item.ownerName)}</Fact>
                  <Fact label={t('correct.source')}>{say(item.sourceTitle)}</Fact>
                  <Fact label={t('correct.due')}>
                    {data.due ? day(data.due) : t('correct.waits', { year: data.missingYear })}
                  </Fact>
                </Facts>
              ) : null}
              {item?.open ? (
                <p className="note" role="status">
                  <OpenCorrection of={item.open} /> {t('correct.raise.known')}
                </p>
              ) : (
                <>
                  <label htmlFor={`${id}-c`}>{t('correct.raise.comment')}</label>
                  <Input.TextArea
                    id={`${id}-c`}
                    rows={3}
                    maxLength={500}
                    value={comment}
                    onChange={(event) => setComment(event.target.value)}
                  />
                </>
              )}
              {send.isError ? <Failure error={send.error} /> : null}
            </div>
          )
        }
      </Loaded>
    </Modal>
  );
}
