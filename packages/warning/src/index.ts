/** @jingwei/warning: streaming anomaly detection and forecasting with intervals, per series, without tuning by hand. */
export {};
