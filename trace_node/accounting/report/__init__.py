"""The greenhouse-gas inventory report (温室气体盘查报告书) as content, before any file format."""
