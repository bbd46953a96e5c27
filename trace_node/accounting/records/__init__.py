"""Signed records of accounting: releases of factors and methods, and approvals of drafts."""
