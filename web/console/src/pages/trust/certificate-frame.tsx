/** What every certificate has above and below its account: who shows it, when, and the code that leads to the same certificate online. */
import { useQuery } from '@tanstack/react-query';
import { QRCode } from 'antd';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { signInQuery } from '../../session/session.tsx';
import { statusQuery } from './service.ts';

/**
 * Where the public can look at a certificate: its reference cannot be guessed, and says nothing. A reference and not the signature itself: that is more
 * than a code that a telephone reads from paper can hold.
 */
export const publicAddress = (reference: string, base: string | null | undefined): string =>
  `${(base ?? location.origin).replace(/\/$/, '')}/verify?ref=${reference}`;

function useAddress(reference: string): string {
  const base = useQuery(statusQuery).data?.publicUrl;
  return publicAddress(reference, base);
}

/** `number`: of the seal, for who may read seals. */
export function CertificateHead({ reference, number }: { reference: string; number?: number }) {
  const { t, say } = useSpeech();
  const city = useQuery(signInQuery).data?.city;
  const address = useAddress(reference);
  return (
    <header className="certificate-head">
      <div>
        <p className="certificate-title">{t('trust.certificate.title')}</p>
        <p>{city ? t('trust.certificate.issuer', { city: say(city) }) : t('common.product')}</p>
        <p className="small quiet">
          {number === undefined ? null : (
            <>
              {t('trust.certificate.number')} <span className="mono">{number}</span> ·{' '}
            </>
          )}
          {t('trust.certificate.shown', { at: instant(new Date()) })}
        </p>
      </div>
      <div className="certificate-qr">
        <QRCode
          type="svg"
          aria-label={t('trust.certificate.qr')}
          value={address}
          size={112}
          bordered={false}
          color="#000"
          bgColor="#fff"
          errorLevel="M"
        />
        <p className="small">{t('trust.certificate.qr')}</p>
      </div>
    </header>
  );
}

export function CertificateFoot({ reference }: { reference: string }) {
  const { t } = useSpeech();
  const address = useAddress(reference);
  return (
    <footer className="certificate-foot small">
      <p>{t('trust.certificate.foot')}</p>
      <p className="mono certificate-address">{address}</p>
    </footer>
  );
}
