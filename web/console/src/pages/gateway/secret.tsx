/** A new secret, shown this once. */
import { Button, Modal } from 'antd';
import { useSpeech } from '../../i18n/index.ts';
import { Address } from './shared.tsx';

export function SecretOnce({
  id,
  secret,
  onClose,
}: {
  id: string;
  /** Null: there is none to show. */
  secret: string | null;
  onClose: () => void;
}) {
  const { t } = useSpeech();
  return (
    <Modal
      open={secret !== null}
      title={t('gateway.secret-title')}
      onCancel={onClose}
      closable={false}
      keyboard={false}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('gateway.secret-kept')}
        </Button>
      }
      // It is shown this once: a click beside the dialog must not lose it.
      mask={{ closable: false }}
    >
      <div className="stack-s">
        <p className="note warn">{t('gateway.secret-once')}</p>
        <dl className="facts">
          <div className="fact wide">
            <dt>client_id</dt>
            <dd>
              <Address text={id} label="client_id" />
            </dd>
          </div>
          <div className="fact wide">
            <dt>client_secret</dt>
            <dd>
              <Address text={secret ?? ''} label="client_secret" />
            </dd>
          </div>
        </dl>
      </div>
    </Modal>
  );
}
